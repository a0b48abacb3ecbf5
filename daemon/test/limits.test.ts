/**
 * Counters near their limits: a flow in the table is given counts that no test could send, and goes on. Kernel and host
 * count on from there without a wrap.
 */

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { sweepTombstones } from '../src/kernel/sweep.js'
import { EndReason, FlowMark, flowRecord } from '../src/kernel/wire.js'
import { client, second, server, start } from './conversation.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, smallSizes } from './loaded-programs.js'
import { type FlowStep, readOpenFlow, stepInKernel, stepOnHost, stepUnavailable } from './open-flow.js'
import { type Packet, readPacket } from './oracle/packets.js'
import { framesOf } from './oracle/scene.js'
import { createRandom, type Random } from './random.js'

/** A flow of so many packets is split (bpf/flow.h). */
const flowPackets = 0xfff0_0000
/** Largest payload and largest header of a packet, bytes. */
const [largestPayload, largestHeader] = [65_535n, 60n]
const { get, offset, set } = flowRecord

/** Sums and counts that each packet may add to, by direction; [field, bytes of it]. */
const directionFields = ['Bytes', 'BytesSq', 'HeaderBytes', 'Packets', 'Psh', 'Urg', 'Rst', 'DataPackets']
const bulkFields = ['Size', 'Packets', 'Count']
const flowFields = ['flowFin', 'flowSyn', 'flowAck', 'flowEce', 'flowCwr']
const wide = /(Bytes|BytesSq|HeaderBytes|Size)$/

type Field = keyof typeof offset

const additive = [
  ...[0, 1].flatMap((dir) => directionFields.map((name) => `flowDir${dir}${name}`)),
  ...[0, 1].flatMap((dir) => bulkFields.map((name) => `flowBulk${dir}${name}`)),
  ...flowFields,
] as Field[]

function read(record: Uint8Array, field: Field): bigint {
  const view = new DataView(record.buffer, record.byteOffset)
  return wide.test(field)
    ? view.getBigUint64(offset[field], true)
    : BigInt(view.getUint32(offset[field], true))
}

function raise(record: Uint8Array, field: Field, by: bigint): void {
  const view = new DataView(record.buffer, record.byteOffset)
  if (wide.test(field)) view.setBigUint64(offset[field], read(record, field) + by, true)
  else view.setUint32(offset[field], Number(read(record, field) + by), true)
}

/** What the counters of a flow have at most after this many packets each way. */
function mostOf(field: Field, packets: readonly [bigint, bigint]): bigint {
  const mine = /[01]/.exec(field)?.[0] === '1' ? packets[1] : packets[0]
  if (field.endsWith('BytesSq')) return mine * largestPayload ** 2n
  if (field.endsWith('HeaderBytes')) return mine * largestHeader
  if (/(Bytes|Size)$/.test(field)) return mine * largestPayload
  return field.startsWith('flowDir') || field.startsWith('flowBulk') ? mine : packets[0] + packets[1]
}

/** A conversation of one flow, in part cut up by the network card. */
function drawSteps(random: Random, count: number): FlowStep[] {
  let timeUs = start
  // A SYN after a reset or after both FIN would begin another flow.
  const letters = random.pick(['SPAUEC', 'FRPAUEC'])
  return Array.from({ length: count }, (_, i) => {
    timeUs += random.pick([0, 1, 500, 20_000, 1_000_001, 5_000_001])
    // At the beginning two packets each way, so that no first packet follows the cut.
    const isEgress = i < 4 ? i % 2 === 1 : random.next() < 0.5
    const payloadBytes = random.pick([0, 1, 700, 1_460, 3_000])
    const size = isEgress && payloadBytes > 1 && random.next() < 0.5 ? 1 + random.below(900) : 0
    const flags = [...letters].filter(() => random.next() < 0.4).join('')
    const [frame] = framesOf([{ timeUs, tcp: { ...(isEgress ? server : client), flags, payloadBytes } }])
    return {
      timeUs,
      data: frame?.data as Uint8Array,
      isEgress,
      segmentBytes: payloadBytes > size ? size : 0,
    }
  })
}

describe('near the limits', { skip: skipOrFail(loadUnavailable() ?? stepUnavailable()) }, () => {
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

  const builds = {
    'the kernel': (record: Uint8Array, steps: readonly FlowStep[]) =>
      stepInKernel(programs, record, steps, packetOf(steps[0] as FlowStep)),
    'the host': stepOnHost,
  }
  const packetOf = ({ data }: FlowStep) => readPacket(data, 0) as Packet
  /** The open flow after these packets. */
  const begun = (steps: readonly FlowStep[]): Uint8Array => {
    for (const { data, timeUs, isEgress } of steps) {
      if (isEgress) programs.egress(data, timeUs)
      else programs.ingress(data, timeUs)
    }
    return readOpenFlow(programs, packetOf(steps[0] as FlowStep)) as Uint8Array
  }
  const only = (records: readonly Uint8Array[]): Uint8Array => {
    assert.equal(records.length, 1)
    return records[0] as Uint8Array
  }

  for (const [name, goOn] of Object.entries(builds)) {
    test(`every sum and count of ${name} goes on exactly from the most that a flow can have`, () => {
      for (let seed = 1; seed <= 60; seed++) {
        const random = createRandom(seed)
        const steps = drawSteps(random, 10)
        const low = begun(steps.slice(0, 4))
        const rest = steps.slice(4)
        const lowEnd = only(goOn(low, rest))
        const high = low.slice()
        // As many packets as leave room for the rest, with the largest payload and header and all flags each.
        const room = BigInt(flowPackets - 1) - packetsOf(lowEnd)
        const forward = room / BigInt(1 + random.below(3))
        for (const field of additive) raise(high, field, mostOf(field, [forward, room - forward]))
        const highEnd = only(goOn(high, rest))
        assert.equal(packetsOf(highEnd), BigInt(flowPackets - 1), `seed ${seed}`)
        for (const field of additive) {
          const added = read(lowEnd, field) - read(low, field)
          assert.equal(read(highEnd, field) - read(high, field), added, `${field}, seed ${seed}`)
        }
        programs.sweep(0, { flush: true })
      }
    })

    test(`${name} splits a flow of ${flowPackets} packets, and the next part goes on with it`, () => {
      const steps = drawSteps(createRandom(1), 4)
      const record = begun(steps)
      const view = new DataView(record.buffer)
      set.flowDir0Packets(view, 0, flowPackets - 1 - get.flowDir1Packets(view, 0))
      const at = (steps.at(-1) as FlowStep).timeUs
      const frames = [1, 2, 3].map((after) => ({
        ...(steps[1] as FlowStep),
        ...{ timeUs: at + after * second, segmentBytes: 0 },
      }))
      const [ended, open] = goOn(record, frames).map((each) => new DataView(each.buffer)) as [
        DataView,
        DataView,
      ]
      const packets = (of: DataView) => get.flowDir0Packets(of, 0) + get.flowDir1Packets(of, 0)
      assert.deepEqual([packets(ended), get.flowEndReason(ended, 0)], [flowPackets, EndReason.timeout])
      assert.equal(get.flowStartUs(ended, 0) + get.flowLastUs(ended, 0), at + second)
      assert.deepEqual([packets(open), get.flowDir1Packets(open, 0)], [2, 2])
      assert.equal(get.flowMarks(open, 0) & FlowMark.continuation, FlowMark.continuation)
      assert.equal(get.flowOrientation(open, 0), get.flowOrientation(ended, 0))
      assert.deepEqual(
        [get.flowStartUs(open, 0), get.flowConnectionUs(open, 0)],
        [at + 2 * second, at + 2 * second - start],
      )
    })

    test(`a packet of many segments before the split does not wrap a count of ${name}`, () => {
      const steps = drawSteps(createRandom(2), 4)
      const record = begun(steps)
      const view = new DataView(record.buffer)
      set.flowDir0Packets(view, 0, flowPackets - 1 - get.flowDir1Packets(view, 0))
      const timeUs = (steps.at(-1) as FlowStep).timeUs
      const payloadBytes = 3_000
      const [frame] = framesOf([{ timeUs, tcp: { ...server, flags: 'A', payloadBytes } }])
      const data = frame?.data as Uint8Array
      const end = only(goOn(record, [{ timeUs, data, isEgress: true, segmentBytes: 1 }]))
      assert.equal(packetsOf(end), BigInt(flowPackets - 1 + payloadBytes))
    })

    test(`the bytes of a run of ${name} wrap, and those of its bulk do not`, () => {
      const steps = Array.from({ length: 6 }, (_, i) => ({
        timeUs: start + i,
        data: framesOf([{ timeUs: 0, udp: { ...client, payloadBytes: 1_000 } }])[0]?.data as Uint8Array,
        isEgress: false,
        segmentBytes: 0,
      }))
      const record = begun(steps.slice(0, 5))
      const view = new DataView(record.buffer)
      set.flowBulk0RunBytes(view, 0, 2 ** 32 - 1)
      set.flowBulk0Size(view, 0, 2 ** 40)
      const end = new DataView(only(goOn(record, steps.slice(5))).buffer)
      assert.deepEqual([get.flowBulk0RunBytes(end, 0), get.flowBulk0Size(end, 0)], [999, 2 ** 40 + 1_000])
    })
  }

  test('kernel and host go on with the same bytes', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed)
      const steps = drawSteps(random, 10)
      const high = begun(steps.slice(0, 4))
      // Somewhere before or at the split.
      const room = BigInt(flowPackets - random.below(20)) - packetsOf(high)
      for (const field of additive) raise(high, field, mostOf(field, [room, 0n]))
      const [kernel, host] = Object.values(builds).map((goOn) => goOn(high, steps.slice(4)).map(hexOf))
      assert.deepEqual(host, kernel, `seed ${seed}`)
      programs.sweep(0, { flush: true })
    }
  })

  /** Only the flow, without lock and id. */
  const hexOf = (record: Uint8Array): string => {
    const copy = record.slice()
    copy.fill(0, offset.flowId, offset.flowId + 8)
    copy.fill(0, offset.flowLock, offset.flowLock + 4)
    return Buffer.from(copy.subarray(offset.flowStartUs)).toString('hex')
  }

  test('the largest packet of the kernel, of 512 KiB in segments of a byte, is counted on the host', () => {
    const steps = drawSteps(createRandom(3), 4)
    const record = begun(steps)
    const view = new DataView(record.buffer)
    set.flowDir0Packets(view, 0, flowPackets - 1 - get.flowDir1Packets(view, 0))
    const headers = framesOf([{ timeUs: 0, tcp: { ...server, flags: 'A' } }])[0]?.data as Uint8Array
    // GSO_MAX_SIZE of the kernel: 8 * 65,535 bytes behind Ethernet.
    const data = new Uint8Array(14 + 8 * 65_535)
    data.set(headers)
    const timeUs = (steps.at(-1) as FlowStep).timeUs
    const end = only(stepOnHost(record, [{ timeUs, data, isEgress: true, segmentBytes: 1 }]))
    assert.equal(packetsOf(end), BigInt(flowPackets - 1 + data.length - headers.length))
  })
})

function packetsOf(record: Uint8Array): bigint {
  return read(record, 'flowDir0Packets') + read(record, 'flowDir1Packets')
}
