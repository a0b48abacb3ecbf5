/** Captures sent with their timing through a running daemon, all at once, each on a line of its own. */

import assert from 'node:assert/strict'
import { type LabProcess, openLab, until } from '../../../lab/namespaces.js'
import { readPcap } from '../../../lab/pcap.js'
import { addressText } from '../../src/decode/address-text.js'
import { packetsOf } from '../oracle/scene.js'
import type { ExportedRow } from './flow-rows.js'
import { cutLines, guardLines, layBareLine } from './guarded-lines.js'
import { openSite, sendPath } from './harness.js'

/** What a daemon saw of one capture. */
export interface Replayed {
  readonly rows: readonly ExportedRow[]
  /** Time of the first packet of the capture, and the time at which it was sent, us since 1970. */
  readonly capturedUs: number
  readonly sentUs: number
  /** The latest that a packet left after its time, us. */
  readonly lateUs: number
}

/** A foreign address: only the programs under test take the frames. */
const strangerMac = '02:00:00:00:00:99'
/** A capture whose packets left later than this is sent again, us: half of what the comparison bears. */
const maxLateUs = 1_000
/** How often a capture is sent at most: a machine may have other things to do. */
const rounds = 10
/** Between the beginnings of two captures, ms: not all first packets at one time. */
const apartMs = 40
/** Time that the senders have to start, ms. */
const leadMs = 1_500
/** A capture ends at most so long after its time, ms. */
const slackMs = 20_000

/**
 * @param captures paths of classic captures by name
 * @returns what came of each
 * Throws AssertionError when a sender was late each time, and when a packet was refused or lost.
 */
export async function replayCaptures(
  captures: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Replayed>> {
  const done = new Map<string, Replayed>()
  const told: string[] = []
  for (let round = 0; round < rounds && done.size < captures.size; round++) {
    const left = new Map([...captures].filter(([name]) => !done.has(name)))
    for (const [name, replayed] of await replayOnce(left)) {
      if (replayed.lateUs <= maxLateUs) done.set(name, replayed)
      else told.push(`${name}: ${replayed.lateUs} us late`)
    }
  }
  assert.equal(done.size, captures.size, `the senders were never in time: ${told.join(', ')}`)
  return done
}

async function replayOnce(captures: ReadonlyMap<string, string>): Promise<Map<string, Replayed>> {
  await using lab = await openLab({ topology: 'host', tag: 'e2esame' })
  const [server, peer] = [lab.ns('server'), lab.ns('attacker')]
  const lines = [...captures].map(([name, path], i) => ({ name, path, iface: `cap${i}`, ...factsOf(path) }))
  const interfaces = lines.map(({ iface }) => iface)
  for (const { iface } of lines) await layBareLine(server, peer, iface)
  await using site = openSite(server, 'same')
  await guardLines(site, interfaces)

  const startAtMs = Date.now() + leadMs
  const beginMs = (line: number) => startAtMs + line * apartMs
  const senders = lines.map(({ iface, path, first }, i) =>
    peer.spawn([
      ...[sendPath, 'replay', '--iface', iface, path, '--only-src', first],
      ...['--far-iface', iface, '--far-netns', server.path, '--dst-mac', strangerMac],
      ...['--start-at-ms', `${beginMs(i)}`, '--real-time'],
    ]),
  )
  const longestMs = Math.max(...lines.map(({ spanUs }) => spanUs)) / 1_000
  await until(() => senders.every(({ exit }) => exit !== undefined), {
    what: 'the senders end',
    timeoutMs: leadMs + longestMs + slackMs,
  })
  const late = lines.map(({ frames }, i) => lateness(senders[i] as LabProcess, frames))
  const { rows, lockMissed } = await cutLines(site, server, interfaces)
  // Each line has one sender: no flow is asked for twice at a time.
  assert.equal(lockMissed, 0)
  return new Map(
    lines.map(({ name, iface, capturedUs }, i) => [
      name,
      {
        rows: rows.filter((row) => row.interface === iface),
        capturedUs,
        sentUs: beginMs(i) * 1_000,
        lateUs: late[i] as number,
      },
    ]),
  )
}

/** What its sender reports, us, when every frame has left. */
function lateness({ exit, stdout, stderr }: LabProcess, frames: number): number {
  assert.equal(exit?.code, 0, stderr)
  const report = JSON.parse(stdout)
  assert.deepEqual([report.sent, report.refused, report.dropped], [frames, 0, 0])
  return report.late_us
}

/** What the sender of a capture is told, and what it is to report. Who sent the first packet is outside. */
function factsOf(path: string) {
  const { packets } = readPcap(path)
  const [first] = packetsOf(packets)
  assert.ok(first !== undefined, `${path} holds no packet of a flow`)
  const bytes = Buffer.from(first.src.length === 8 ? `${'00'.repeat(10)}ffff${first.src}` : first.src, 'hex')
  const capturedUs = (packets[0] as { timeUs: number }).timeUs
  return {
    first: addressText(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0),
    frames: packets.length,
    capturedUs,
    spanUs: (packets.at(-1)?.timeUs ?? 0) - capturedUs,
  }
}
