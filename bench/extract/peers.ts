/** Other programs that make flows of a capture: what each is given, and how it is asked for the most comparable work. */

import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { atLeastOne, countRows } from './count-rows.js'
import { openPythonPeer } from './python-peer.js'

/** A program that is there. */
export interface FoundPeer {
  readonly version: string
  command(capture: string, folder: string): readonly string[]
  /** What it has written, in words. @throws Error when there is nothing */
  written(folder: string, stdout: string): string
}

export interface Peer {
  /** Its row is `extract_vs_` and this. */
  readonly name: string
  /** Packets that it is given: the first ones of the capture. */
  readonly packets: number
  /** How many times as fast `idsctl extract` must be. */
  readonly goal: number | null
  find(root: string): FoundPeer | { readonly absent: string }
}

const csv = (folder: string) => `${folder}/flows.csv`

export const peers: readonly Peer[] = [
  {
    ...{ name: 'cicflowmeter', packets: 10_000, goal: 400 },
    find(root) {
      const python = openPythonPeer(root, 'cicflowmeter')
      if ('absent' in python) return python
      return {
        version: python.version,
        command: (capture, folder) => [`${python.bin}/cicflowmeter`, '-f', capture, '-c', csv(folder)],
        written: (folder) => `${countRows(csv(folder))} rows`,
      }
    },
  },
  {
    ...{ name: 'nfstream', packets: 500_000, goal: 5 },
    find(root) {
      const python = openPythonPeer(root, 'nfstream')
      if ('absent' in python) return python
      const script = `${root}/bench/peers/nfstream_csv.py`
      return {
        version: python.version,
        command: (capture, folder) => [`${python.bin}/python`, script, capture, csv(folder)],
        written: (folder) => `${countRows(csv(folder))} rows`,
      }
    },
  },
  {
    ...{ name: 'tshark', packets: 300_000, goal: null },
    find: () => {
      const version = versionOf('tshark', '-v')
      if (version === undefined) return { absent: 'tshark is not on PATH' }
      return {
        version,
        command: (capture) => ['tshark', '-r', capture, '-q', '-z', 'conv,tcp', '-z', 'conv,udp'],
        written: (_folder, stdout) => `${atLeastOne(stdout.split(' <-> ').length - 1)} conversations`,
      }
    },
  },
  {
    ...{ name: 'nfpcapd', packets: 500_000, goal: null },
    find: () => {
      const version = versionOf('nfpcapd', '-V')
      if (version === undefined) return { absent: 'nfpcapd is not on PATH' }
      return {
        version,
        command: (capture, folder) => ['nfpcapd', '-r', capture, '-l', folder],
        written: (folder) => {
          const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(`${folder}/${name}`).size, 0)
          return `${Math.round(atLeastOne(bytes) / 1e3)} kB of NetFlow`
        },
      }
    },
  },
]

/** @returns undefined when it is not there */
function versionOf(program: string, flag: string): string | undefined {
  const { status, stdout, stderr } = spawnSync(program, [flag], { encoding: 'utf8' })
  if (status !== 0) return undefined
  return /\d+\.\d+[\d.]*\d/.exec(stdout + stderr)?.[0] ?? 'of an unknown version'
}
