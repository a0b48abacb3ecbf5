/** `idsctl extract` beside other programs: turn by turn, on the same CPU, on as much of a capture as they manage. */

import { mkdirSync, rmSync } from 'node:fs'
import type { BenchContext } from '../kernel-rows.js'
import { type Round, summarize } from '../measure.js'
import type { BenchCaptures } from './capture.js'
import type { OwnRuns } from './own-rows.js'
import { type FoundPeer, type Peer, peers } from './peers.js'
import { run } from './run.js'

const rowOf = ({ name }: Peer) => `extract_vs_${name}`

export const peerRows: readonly string[] = peers.map(rowOf)

/** Packets of a capture that costs a program its start and little else. */
const startPackets = 1_000

/** Heads of the capture that the peers are given. */
export const peerHeads: readonly number[] = [startPackets, ...peers.map(({ packets }) => packets)]

interface Entrant {
  readonly peer: Peer
  readonly program: FoundPeer
  readonly rounds: Round[]
  /** What it wrote, in words. */
  written: string
}

export interface PeerOptions {
  readonly captures: BenchCaptures
  /** For what is written. */
  readonly folder: string
  readonly rounds: number
}

/** A peer that is not there, or does not work, is named. */
export function measurePeers(context: BenchContext, runs: OwnRuns, options: PeerOptions): void {
  const { captures, folder, rounds } = options
  const entrants = new Set<Entrant>()
  for (const peer of peers.filter((each) => context.wants(rowOf(each)))) {
    const program = peer.find(context.root)
    if ('absent' in program) context.absent(rowOf(peer), program.absent)
    else entrants.add({ peer, program, rounds: [], written: '' })
  }
  if (entrants.size === 0) return
  for (let round = 0; round < rounds; round++) {
    const value = Math.round(captures.whole.packets / runs.extract_csv().cpuSeconds)
    for (const entrant of entrants) {
      try {
        entrant.rounds.push({ base: takeTurn(captures, entrant, folder), value })
      } catch (error) {
        context.absent(rowOf(entrant.peer), (error as Error).message)
        entrants.delete(entrant)
      }
    }
  }
  for (const { peer, program, rounds: turns, written } of entrants) {
    const { name, goal, packets } = peer
    const megabytes = Math.round(captures.head(packets).bytes / 1e6)
    const about =
      `${name} ${program.version}: ${written} of ${packets} packets, ${megabytes} MB; ` +
      `its start is not counted; idsctl extract: ${captures.whole.packets} packets, all counted`
    context.emit({ ...summarize({ name: rowOf(peer), unit: 'packets/s', goal, isGain: true }, turns), about })
    context.note(about)
  }
}

/** @returns packets per second of CPU time behind its start */
function takeTurn(captures: BenchCaptures, entrant: Entrant, folder: string): number {
  const { peer, program } = entrant
  const own = `${folder}/${peer.name}`
  const seconds = (packets: number) => {
    rmSync(own, { recursive: true, force: true })
    mkdirSync(own)
    const { cpuSeconds, stdout } = run(program.command(captures.head(packets).path, own))
    entrant.written = program.written(own, stdout)
    return cpuSeconds
  }
  const startSeconds = seconds(startPackets)
  const behindSeconds = seconds(peer.packets) - startSeconds
  if (!(behindSeconds > 0)) throw new Error('as fast with all packets as with a few')
  return Math.round((peer.packets - startPackets) / behindSeconds)
}
