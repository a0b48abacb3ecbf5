/** The flows that a daemon measures on the wire are those that `extract` finds in the capture. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../../lab/available.js'
import { readPcap, writePcap } from '../../../lab/pcap.js'
import { icmpFrames, mixed, tcpFrames, udpFrames } from '../golden/exchange.js'
import { goldenPath } from '../golden/golden.js'
import { packetsOf, type TimedFrame } from '../oracle/scene.js'
import { capturePath, referenceMissing } from '../reference.js'
import { extractedRows, extractMissing } from './flow-rows.js'
import { skipE2e } from './harness.js'
import { doubtfulGaps } from './plain-gaps.js'
import { type Replayed, replayCaptures } from './replayed-captures.js'
import { flowDifferences } from './same-flows.js'

const goldenNames = ['hello', 'flags', 'endings']
/** Short ones, with frames that fit a line: FTP, a crawler in a VLAN, a browser with IPv6, calls, scans, resets. */
const sharedNames = [
  ...['ndpi_ftp', 'ndpi_bot', 'ndpi_skype-conference-call', 'zeek_wikipedia'],
  ...['synth_portscan', 'synth_tcp_lifecycle'],
]
const noReference = referenceMissing()

/** Conversations with subflows, bulks of both sides, and times of rest, in both families. */
function pauses(): TimedFrame[] {
  const v4 = { src: '198.51.100.7', dst: '203.0.113.1' }
  const v6 = { src: '2001:db8::7', dst: '2001:db8:1::1' }
  const data = (fromMs: number, way: '>' | '<', count: number) =>
    Array.from({ length: count }, (_, i) => [(fromMs + i * 3) * 1_000, way, 'A', 500 + 100 * i] as const)
  return mixed(
    tcpFrames(v4, [
      [0, '>', 'S'],
      [5_000, '<', 'SA'],
      [9_000, '>', 'A'],
      ...data(20, '>', 6),
      ...data(1_300, '<', 5),
      ...data(1_400, '>', 4),
      [6_700_000, '<', 'PA', 900],
      [6_730_000, '>', 'A'],
      [7_950_000, '>', 'FA'],
      [7_960_000, '<', 'FA'],
      [7_970_000, '>', 'A'],
    ]),
    udpFrames({ ...v6, dstPort: 53 }, [
      [2_000, '>', 40],
      [30_000, '<', 90],
      [1_600_000, '>', 41],
      [6_900_000, '<', 200],
      [6_905_000, '>', 10],
    ]),
    icmpFrames(v4, [
      [400_000, '>', 8, 0],
      [403_000, '<', 0, 0],
      [2_400_000, '>', 8, 0],
      [2_404_000, '<', 0, 0],
    ]),
  )
}

describe('live features', { skip: skipE2e ?? skipOrFail(extractMissing()) }, () => {
  const paths = new Map<string, string>()
  let folder: string
  let replayed: ReadonlyMap<string, Replayed>

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'idsd-pauses-'))
    paths.set('pauses', join(folder, 'pauses.pcap'))
    writePcap(join(folder, 'pauses.pcap'), pauses())
    for (const name of goldenNames) paths.set(name, goldenPath(name, 'pcap'))
    if (noReference === undefined) for (const name of sharedNames) paths.set(name, capturePath(name))
    replayed = await replayCaptures(paths)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  test('no gap of the captures is so near to a threshold that a millisecond decides', () => {
    for (const [name, path] of paths) assert.deepEqual(doubtfulGaps(readPcap(path).packets), [], name)
  })

  test('subflows, times of rest and bulks of both directions are among the flows', () => {
    const features = extractedRows(paths.get('pauses') as string).map((row) => row.features)
    for (const name of [
      'Subflow Fwd Packets',
      'Active Mean',
      'Idle Mean',
      'Fwd Avg Bulk Rate',
      'Bwd Avg Bulk Rate',
    ]) {
      assert.ok(
        features.some((of) => (of.get(name) as number) > 0),
        name,
      )
    }
  })

  for (const name of ['pauses', ...goldenNames, ...sharedNames]) {
    const skip = sharedNames.includes(name) ? noReference : undefined
    test(`${name}: the daemon's flows are those of the capture`, { skip }, () => {
      const path = paths.get(name) as string
      const { rows, ...times } = replayed.get(name) as Replayed
      const expected = extractedRows(path)
      const sources = new Set(packetsOf(readPcap(path).packets).map(({ src }) => src))
      assert.ok(expected.length > 0 && sources.size > 1, 'packets of both directions')
      assert.deepEqual(flowDifferences(expected, rows, times), [])
    })
  }
})
