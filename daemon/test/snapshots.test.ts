/**
 * A flow that is still open: its columns after n packets are those of the flow that was cut after n packets, by its
 * snapshot records and in the table itself. Other conversations: IDSD_SEED=N (first seed, default 1).
 */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { sweepTombstones } from '../src/kernel/sweep.js'
import { flowRecord } from '../src/kernel/wire.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'
import { readOpenFlow } from './open-flow.js'
import { differences } from './oracle/compare.js'
import { type Flow, flowsOf } from './oracle/flows.js'
import {
  type HostBuild,
  hostBuildUnavailable,
  openHostBuild,
  oracleRow,
  type Row,
  rowsOf,
} from './oracle/measure.js'
import { type Packet, readPacket } from './oracle/packets.js'
import { drawScene } from './oracle/random-scene.js'
import { framesOf, packetsOf, type Scene, sceneText, type TimedFrame } from './oracle/scene.js'
import { createTalk } from './oracle/talk.js'
import { createRandom, type Random } from './random.js'

const firstSeed = Number(process.env.IDSD_SEED ?? 1)
const seeds = (count: number) => Array.from({ length: count }, (_, i) => firstSeed + i)

/** The flows that these packets leave open. */
function openFlows(packets: readonly Packet[]): Flow[] {
  return flowsOf(packets).filter(({ end }) => end === 'capture')
}

/** The flow that this packet is in. */
function openFlowOf(packets: readonly Packet[]): Flow {
  const { src, srcPort, dst, dstPort, protocol } = packets.at(-1) as Packet
  const ends = (...all: (string | number)[]) => all.join(' ')
  const either = [ends(src, srcPort, dst, dstPort, protocol), ends(dst, dstPort, src, srcPort, protocol)]
  return openFlows(packets).find((flow) =>
    either.includes(ends(flow.src, flow.srcPort, flow.dst, flow.dstPort, flow.protocol)),
  ) as Flow
}

/** A conversation of this many packets within two minutes: long enough for the snapshots that are far apart. */
function drawLongScene(seed: number, packets: number): Scene {
  const random = createRandom(seed)
  const talk = createTalk({
    random,
    startUs: 1_000_000_000_000_000,
    client: { address: '198.51.100.7', port: 40_000 },
    server: { address: '203.0.113.1', port: 443 },
  })
  const isUdp = random.next() < 0.3
  while (talk.packets.length < packets) {
    talk.wait(random.pick([0, 0, 1, 37, 500, 4_000, 20_000]))
    // A few long silences, and 120 s not reached.
    if (random.below(2_000) === 0) talk.wait(random.pick([1_000_001, 5_000_001]))
    const payloadBytes = random.pick([0, 1, 100, 1_460, 1_460])
    const isFromClient = random.next() < 0.5
    if (isUdp) talk.udp(isFromClient, { payloadBytes })
    else talk.tcp(isFromClient, { flags: random.pick(['A', 'A', 'PA', 'AU', 'AE', 'ACE']), payloadBytes })
  }
  return talk.packets
}

describe('an open flow', { skip: skipOrFail(loadUnavailable()) }, () => {
  let programs: LoadedPrograms
  before(() => {
    programs = openPrograms({ sizes: { ...smallSizes, bulkRingBytes: 1 << 22 } })
  })
  after(() => programs.close())
  afterEach(() => forgetAll())

  /** Ends every flow, and forgets what they left. */
  const forgetAll = () => {
    programs.sweep(0, { flush: true })
    sweepTombstones(programs.binding, programs.path, true, 4e15)
    programs.records()
  }
  /** Comes in or goes out, whichever is drawn: it must not matter. */
  const send = ({ data, timeUs }: TimedFrame, random: Random) =>
    random.next() < 0.5 ? programs.ingress(data, timeUs) : programs.egress(data, timeUs)

  /** Runs a scene, and compares each snapshot with the flow cut there. @returns packets of each snapshot */
  const compareSnapshots = (scene: Scene, seed: number): number[] => {
    const frames = framesOf(scene)
    const packets = packetsOf(frames)
    const random = createRandom(seed)
    assert.equal(packets.length, frames.length)
    const told: number[] = []
    for (const [i, frame] of frames.entries()) {
      send(frame, random)
      const rows = rowsOf(programs.records(), 'snapshot')
      assert.ok(rows.length <= 1)
      if (rows.length === 0) continue
      const flow = openFlowOf(packets.slice(0, i + 1))
      const faults = differences([oracleRow(flow)], rows)
      assert.deepEqual(faults, [], `seed ${seed}, packet ${i + 1} of\n${sceneText(scene.slice(0, i + 1))}`)
      told.push(flow.packets.length)
    }
    forgetAll()
    return told
  }

  test('has in every snapshot record the columns of the flow cut there', () => {
    const told = seeds(200).flatMap((seed) => compareSnapshots(drawScene(seed), seed))
    for (const due of [2, 4, 8, 16]) assert.ok(told.includes(due), `none after ${due} packets`)
    assert.ok(told.length > 1_000, `${told.length} snapshots`)
  })

  test('has them in the snapshots of a long conversation too', () => {
    const told = seeds(3).flatMap((seed) => compareSnapshots(drawLongScene(seed, 2_600), seed))
    const due = [2, 4, 8, 16, 64, 256, 512, 768, 1_024, 1_280, 1_536, 1_792, 2_048, 2_304, 2_560]
    assert.deepEqual([...new Set(told)], due)
  })

  test('has in the table, at any packet, the columns of the flow cut there', () => {
    const scenes = [...seeds(200).map(drawScene), ...seeds(2).map((seed) => drawLongScene(seed, 1_000))]
    let compared = 0
    for (const [i, scene] of scenes.entries()) {
      const random = createRandom(firstSeed + i)
      const frames = framesOf(scene)
      const cut = new Set([frames.length, 1 + random.below(frames.length), 1 + random.below(frames.length)])
      for (const [n, frame] of frames.entries()) {
        send(frame, random)
        if (!cut.has(n + 1)) continue
        const packets = packetsOf(frames.slice(0, n + 1))
        const expected = openFlows(packets)
        const got = expected.flatMap((flow) => rowIn(flow.packets[0] as Packet))
        const faults = differences(expected.map(oracleRow), got)
        assert.deepEqual(faults, [], `scene ${i}, packet ${n + 1} of\n${sceneText(scene.slice(0, n + 1))}`)
        compared += got.length
      }
      forgetAll()
    }
    assert.ok(compared > 600, `${compared} flows`)
  })

  const rowIn = (packet: Packet): Row[] => {
    const record = readOpenFlow(programs, packet)
    return record === undefined ? [] : rowsOf(record, 'snapshot')
  }

  test('has after a packet that the network card cuts up the columns of its segments', () => {
    const ends = { src: '198.51.100.7', dst: '203.0.113.1', srcPort: 40_001, dstPort: 443 }
    let jumps = 0
    for (const seed of seeds(60)) {
      const random = createRandom(seed)
      const packets: Packet[] = []
      let timeUs = 1_000_000_000_000_000
      for (let left = 1 + random.below(30); left > 0; left--) {
        timeUs += random.pick([0, 100, 20_000, 1_000_001, 5_000_001])
        const payloadBytes = random.below(3_400)
        const size = 1 + random.below(600)
        const [frame] = framesOf([{ timeUs, tcp: { ...ends, flags: 'PA', payloadBytes } }]) as [TimedFrame]
        const whole = readPacket(frame.data, timeUs) as Packet
        programs.egressWith(frame.data, timeUs, { gsoSize: size, gsoSegs: 2 })
        const before = packets.length
        packets.push(...segmentsOf(whole, size))
        const rows = rowsOf(programs.records(), 'snapshot')
        assert.ok(rows.length <= 1)
        if (rows.length > 0 && packets.length - before > 1) jumps++
        const expected = openFlows(packets).map(oracleRow)
        if (rows.length > 0) assert.deepEqual(differences(expected, rows), [], `seed ${seed}`)
        assert.deepEqual(differences(expected, rowIn(whole)), [], `seed ${seed}`)
      }
      forgetAll()
    }
    assert.ok(jumps > 100, `${jumps} snapshots after several segments at once`)
  })

  /** PSH only on the last. */
  const segmentsOf = (whole: Packet, size: number): Packet[] => {
    const count = Math.max(1, Math.ceil(whole.payloadBytes / size))
    return Array.from({ length: count }, (_, i) => ({
      ...whole,
      payloadBytes: i === count - 1 ? whole.payloadBytes - i * size : size,
      flags: i === count - 1 ? whole.flags : whole.flags.replace('P', ''),
    }))
  }

  describe('beside the host build', { skip: skipOrFail(hostBuildUnavailable()) }, () => {
    let host: HostBuild
    before(() => {
      host = openHostBuild()
    })
    after(() => host.close())

    test('is in the table, byte for byte, what the host makes of the capture cut there', () => {
      for (const seed of seeds(60)) {
        const random = createRandom(seed)
        const frames = framesOf(seed % 20 === 0 ? drawLongScene(seed, 1_500) : drawScene(seed))
        const cut = frames.slice(0, 1 + random.below(frames.length))
        for (const { data, timeUs } of cut) programs.ingress(data, timeUs)
        const open = openFlows(packetsOf(cut))
        const inTable = open.map((flow) => hexOf(readOpenFlow(programs, flow.packets[0] as Packet)))
        // Those that the host flushes at the end come last, in order of their beginning as well.
        const onHost = recordsIn(host.records(cut)).slice(-open.length).map(hexOf)
        assert.deepEqual(inTable.sort(), onHost.sort(), `seed ${seed}, ${cut.length} packets`)
        forgetAll()
      }
    })
  })

  /** Only the flow, without lock, id and what says that it ended. */
  const hexOf = (record: Uint8Array | undefined): string => {
    assert.ok(record !== undefined, 'a flow is missing')
    const { flowStartUs, flowId, flowLock, flowEndReason } = flowRecord.offset
    const copy = record.slice()
    copy.fill(0, flowId, flowId + 8)
    copy.fill(0, flowLock, flowLock + 4)
    copy.fill(0, flowEndReason, flowEndReason + 1)
    return Buffer.from(copy.subarray(flowStartUs)).toString('hex')
  }

  const recordsIn = (bytes: Uint8Array): Uint8Array[] =>
    Array.from({ length: bytes.length / flowRecord.size }, (_, i) =>
      bytes.slice(i * flowRecord.size, (i + 1) * flowRecord.size),
    )
})
