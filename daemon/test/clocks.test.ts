/**
 * Clocks that disagree, packets out of order and packets twice: the slow reference, the host build and the loaded
 * programs agree on what is then counted. Other conversations: IDSD_SEED=N (first seed, default 1).
 */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { udpPacket } from '../../lab/packet.js'
import { sweepFlows, sweepTombstones } from '../src/kernel/sweep.js'
import { flowRecord } from '../src/kernel/wire.js'
import { client, second, server, start, timeout } from './conversation.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'
import { readOpenFlow } from './open-flow.js'
import { differences } from './oracle/compare.js'
import {
  type HostBuild,
  hostBuildUnavailable,
  kernelRows,
  openHostBuild,
  oracleRows,
  type Row,
  rowsOf,
} from './oracle/measure.js'
import { type Packet, readPacket } from './oracle/packets.js'
import { drawScene } from './oracle/random-scene.js'
import { framesOf, type Scene, sceneText, type TimedFrame } from './oracle/scene.js'
import { shrink } from './oracle/shrink.js'
import { createRandom, type Random } from './random.js'

const firstSeed = Number(process.env.IDSD_SEED ?? 1)
const seeds = Array.from({ length: 200 }, (_, i) => firstSeed + i)

/** How far one CPU's clock, or a capture's, may lie behind, us: around every limit of the rules. */
const behindUs = [1, 37, 500, 20_000, 1_000_000, 1_000_001, 5_000_001, 60e6, 119_999_999, 120_000_001, 200e6]

/** What may happen to a conversation on its way: the packets as they arrive, each with the time that it is given. */
const disturbances: Readonly<Record<string, (scene: Scene, random: Random) => Scene>> = {
  'two CPUs whose clocks disagree': (scene, random) => {
    const behind = random.pick(behindUs)
    return scene.map((packet) => ({ ...packet, timeUs: packet.timeUs - (random.next() < 0.4 ? behind : 0) }))
  },
  'a clock that steps back again and again': (scene, random) =>
    scene.map((packet) => ({
      ...packet,
      timeUs: packet.timeUs - (random.next() < 0.2 ? random.pick(behindUs) : 0),
    })),
  'packets that overtake each other': (scene, random) => {
    const order = scene.map((packet, i) => ({ packet, at: i + random.below(4) }))
    const times = scene.map(({ timeUs }) => timeUs)
    return order
      .sort((a, b) => a.at - b.at)
      .map(({ packet }, i) => ({ ...packet, timeUs: times[i] as number }))
  },
  'packets that come twice': (scene, random) =>
    scene.flatMap((packet) => (random.next() < 0.3 ? [packet, packet] : [packet])),
}

/** Fails with the smallest part of a conversation that still differs. */
function assertAgreement(
  disturb: (scene: Scene, random: Random) => Scene,
  measure: (frames: readonly TimedFrame[]) => Row[],
): void {
  const faults = (scene: Scene) => {
    const frames = framesOf(scene)
    return differences(oracleRows(frames), measure(frames))
  }
  for (const seed of seeds) {
    const scene = disturb(drawScene(seed), createRandom(seed))
    if (faults(scene).length === 0) continue
    const small = shrink(scene, (part) => faults(part).length > 0)
    assert.fail([`seed ${seed}`, sceneText(small), ...faults(small)].join('\n'))
  }
}

/** Datagrams of one flow, 100 bytes each, at these times, us after `start`. */
function datagrams(times: readonly number[]): TimedFrame[] {
  return times.map((us) => ({
    timeUs: start + us,
    data: udpPacket({ ...client, payload: new Uint8Array(100) }),
  }))
}

const backward: readonly (readonly [name: string, times: number[], expected: Record<string, number>])[] = [
  [
    'a packet from before the last counts at the time of the last',
    [0, 500, 100, 700],
    { 'Flow Duration': 700, 'Flow IAT Max': 500, 'Flow IAT Min': 0, 'Fwd IAT Total': 700 },
  ],
  [
    'a packet from before the first counts at the time of the last',
    [0, -1000, 10],
    { 'Flow Duration': 10, 'Flow IAT Max': 10, 'Flow IAT Min': 0, 'Total Fwd Packets': 3 },
  ],
  [
    'a clock that stands still until the others have passed makes one gap',
    [0, 6 * second, second, 2 * second, 7 * second],
    { 'Flow Duration': 7 * second, 'Idle Max': 6 * second, 'Idle Min': 6 * second, 'Subflow Fwd Packets': 5 },
  ],
  [
    'a packet from long before does not split the flow',
    [0, -2 * timeout],
    { 'Flow Duration': 0, 'Total Fwd Packets': 2, 'Flow Packets/s': -1 },
  ],
  [
    'a bulk goes on over a step back, and takes no time there',
    [0, 100, 50, 200],
    { 'Fwd Avg Packets/Bulk': 4, 'Fwd Avg Bulk Rate': 400 / 200e-6 },
  ],
]

function assertColumns(rows: readonly Row[], expected: Record<string, number>): void {
  assert.equal(rows.length, 1)
  for (const [name, want] of Object.entries(expected)) {
    assert.ok(Math.abs((rows[0]?.columns.get(name) as number) - want) <= 1e-9 * Math.abs(want), name)
  }
}

describe('on the host', { skip: skipOrFail(hostBuildUnavailable()) }, () => {
  let host: HostBuild
  before(() => {
    host = openHostBuild()
  })
  after(() => host.close())

  for (const [name, disturb] of Object.entries(disturbances)) {
    test(`${name} give the columns of the slow reference`, () => assertAgreement(disturb, host.rows))
  }
  for (const [name, times, expected] of backward) {
    test(name, () => assertColumns(host.rows(datagrams(times)), expected))
  }
})

describe('in the kernel', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: LoadedPrograms
  before(() => {
    programs = openPrograms({ sizes: { ...smallSizes, bulkRingBytes: 1 << 22 } })
  })
  after(() => programs.close())
  afterEach(() => {
    programs.sweep(0, { flush: true })
    sweepTombstones(programs.binding, programs.path, true, 4e15)
    programs.records()
  })

  for (const [name, disturb] of Object.entries(disturbances)) {
    test(`${name} give the columns of the slow reference`, () => {
      assertAgreement(disturb, (frames) => kernelRows(programs, frames))
    })
  }
  for (const [name, times, expected] of backward) {
    test(name, () => assertColumns(kernelRows(programs, datagrams(times)), expected))
  }

  test('two packets of one time, one each way, differ by their order only in bulks', () => {
    const bulkColumns = /Bulk/
    let differing = 0
    for (const seed of seeds) {
      const random = createRandom(seed)
      let timeUs = start
      const scene: Scene = Array.from({ length: 20 }, () => {
        timeUs += random.pick([1, 500, 1_000_001, 5_000_001])
        const pair = random.pick([
          [client, server],
          [server, client],
        ])
        return pair.map((ends) => ({
          timeUs,
          tcp: { ...ends, flags: 'PA', payloadBytes: random.pick([0, 1, 1_460]) },
        }))
      }).flat()
      // The first pair stays: who sends first is the source.
      const swapped = scene.map((packet, i) => (i < 2 ? packet : (scene[i ^ 1] as typeof packet)))
      const [before, after] = [scene, swapped].map((each) => kernelRows(programs, framesOf(each)))
      const faults = differences(before as Row[], after as Row[])
      assert.deepEqual(
        faults.filter((line) => !bulkColumns.test(line)),
        [],
        `seed ${seed}`,
      )
      differing += faults.length > 0 ? 1 : 0
    }
    assert.ok(differing > 10, `only ${differing} conversations differ in bulks`)
  })

  test('the time of a connection does not run backward after a sweep', () => {
    programs.ingress(udpPacket(client), start)
    sweepFlows(programs.binding, programs.path, { nowUs: start + timeout + 1 })
    programs.ingress(udpPacket(client), start - second)
    const record = open(udpPacket(client))
    assert.equal(rowsOf(record, 'snapshot')[0]?.columns.get('Total Connection Flow Time'), 0)
  })

  test('a packet that the sweep has overtaken begins the next part of its flow', () => {
    programs.ingress(udpPacket(client), start)
    assert.equal(sweepFlows(programs.binding, programs.path, { nowUs: start + timeout + 1 }).ended, 1)
    programs.egress(udpPacket(server), start + timeout - second)
    const record = open(udpPacket(client))
    const { get } = flowRecord
    const view = new DataView(record.buffer)
    assert.deepEqual(
      [get.flowStartUs(view, 0), get.flowConnectionUs(view, 0), get.flowDir1Packets(view, 0)],
      [start + timeout - second, timeout - second, 1],
    )
  })

  const open = (frame: Uint8Array): Uint8Array => {
    const record = readOpenFlow(programs, readPacket(frame, 0) as Packet)
    assert.ok(record !== undefined)
    return record
  }
})
