/** The host build that tells a capture live: the same records as the kernel's, from every form of file. */

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import { icmpPacket, tcpPacket, udpPacket } from '../../lab/packet.js'
import { encodePcap, type PcapInput, readPcap } from '../../lab/pcap.js'
import { decodeBatch } from '../src/decode/batch.js'
import { sweepTombstones } from '../src/kernel/sweep.js'
import { flowOpened, flowRecord, RecordType } from '../src/kernel/wire.js'
import { readFacts } from '../src/read/capture-facts.js'
import { captureForms, encodeCapture, plainForm, readingUnavailable } from './capture-files.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, root, smallSizes } from './loaded-programs.js'
import { packings } from './packed-files.js'
import { createRandom, type Random } from './random.js'
import { capturePath, referenceCaptures, referenceMissing } from './reference.js'

const folder = mkdtempSync(join(tmpdir(), 'idsd-live-'))
after(() => rmSync(folder, { recursive: true }))

const second = 1_000_000
const afterMs = 2_000
const markType = 0

interface Told {
  readonly status: number | null
  readonly records: Uint8Array
  readonly message: string
}

function live(path: string): Told {
  const { status, stdout, stderr } = spawnSync(
    join(root, 'build/host/live'),
    [path, '20', '1000', String(afterMs)],
    { maxBuffer: 1 << 28 },
  )
  return { status, records: stdout, message: stderr.toString() }
}

function liveOf(file: Uint8Array): Told {
  const path = join(folder, 'capture')
  writeFileSync(path, file)
  return live(path)
}

function* recordsIn(bytes: Uint8Array): Generator<{ type: number; timeUs: number; record: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at < bytes.length; ) {
    const length = flowOpened.get.headerLength(view, at)
    const type = flowOpened.get.headerType(view, at)
    yield { type, timeUs: flowOpened.get.timeUs(view, at), record: bytes.slice(at, at + length) }
    at += length
  }
}

/** What kernel and host have each of their own: lock, flow id, interface. And what the direction decides. */
const own = {
  opened: [
    [flowOpened.offset.headerIfindex, 4],
    [flowOpened.offset.id, 8],
  ],
  full: [
    [flowRecord.offset.headerIfindex, 4],
    [flowRecord.offset.flowLock, 4],
    [flowRecord.offset.flowId, 8],
  ],
} as const
const directed = {
  opened: [[flowOpened.offset.marks, 1]],
  full: [
    [flowRecord.offset.flowMarks, 1],
    [flowRecord.offset.flowEgressIsn, 4],
  ],
} as const

/** One hexadecimal line a record, sorted: the kernel tells from two rings. */
function lines(bytes: Uint8Array, isDirected: boolean): string[] {
  const found: string[] = []
  for (const { type, record } of recordsIn(bytes)) {
    if (type === markType) continue
    const kind = type === RecordType.opened ? 'opened' : 'full'
    for (const [offset, size] of [...own[kind], ...(isDirected ? [] : directed[kind])])
      record.fill(0, offset, offset + size)
    found.push(Buffer.from(record).toString('hex'))
  }
  return found.sort()
}

interface Frame extends PcapInput {
  readonly way: 'in' | 'out'
}

/** Sweeps as often as the host build does; flushes when its clock ends. */
function kernelRecords(programs: LoadedPrograms, frames: readonly Frame[]): Uint8Array {
  let nowUs = frames[0]!.timeUs
  let sweepUs = nowUs + second
  const pass = (untilUs: number) => {
    // Behind 125 s of silence no flow is open.
    for (; sweepUs <= Math.min(untilUs, nowUs + 125 * second); sweepUs += second) programs.sweep(sweepUs)
    if (sweepUs <= untilUs) sweepUs += Math.ceil((untilUs - sweepUs + 1) / second) * second
    nowUs = untilUs
  }
  for (const { way, data, timeUs } of frames) {
    pass(Math.max(nowUs, timeUs))
    if (data.length < 14) continue
    if (way === 'in') programs.ingress(data, nowUs)
    else programs.egress(data, nowUs)
  }
  pass(nowUs + afterMs * 1000)
  programs.sweep(nowUs, { flush: true })
  const records = programs.records()
  // For the next test: what swept flows left behind goes once it is quiet for long.
  assert.equal(sweepTombstones(programs.binding, programs.path, true, nowUs + 1e6 * second), 0)
  return records
}

/** Conversations that clients open, with silences that split, end and bury flows. */
function drawFrames(random: Random): Frame[] {
  const frames: Frame[] = []
  for (let i = 0; i < 60; i++) {
    const client = {
      src: `198.51.100.${random.below(8)}`,
      dst: '203.0.113.1',
      srcPort: 40_000 + i,
      dstPort: 80,
    }
    const server = { src: client.dst, dst: client.src, srcPort: client.dstPort, dstPort: client.srcPort }
    const protocol = random.pick(['tcp', 'tcp', 'udp', 'icmp'] as const)
    const isn = random.below(2 ** 32 - 100)
    let timeUs = 1_000 * second + random.below(200 * second)
    for (let n = 0; n < 40; n++) {
      const gapUs = n === 0 ? 0 : random.pick([1, 900, 300_000, 3 * second, 50 * second, 121 * second])
      timeUs += gapUs
      const isClient = n === 0 || protocol === 'icmp' || gapUs > 120 * second || random.next() < 0.5
      const ends = isClient ? client : server
      const payload = new Uint8Array(random.below(3) * 50)
      const data =
        protocol === 'udp'
          ? udpPacket({ ...ends, payload })
          : protocol === 'icmp'
            ? icmpPacket({ src: client.src, dst: client.dst, echoId: i })
            : tcpPacket({
                ...ends,
                payload,
                flags: isClient
                  ? random.pick(['S', 'A', 'A', 'PA', 'FA', 'R'])
                  : random.pick(['SA', 'A', 'PA', 'FA']),
                seq: isClient ? 7 : isn,
                ack: isClient ? isn + random.below(2) : 8,
              })
      frames.push({ way: isClient ? 'in' : 'out', data, timeUs })
    }
  }
  return frames.sort((a, b) => a.timeUs - b.timeUs)
}

describe('beside the kernel', { skip: skipOrFail(loadUnavailable() ?? readingUnavailable()) }, () => {
  let programs: LoadedPrograms
  before(() => {
    const rings = { urgentRingBytes: 1 << 22, bulkRingBytes: 1 << 23 }
    programs = openPrograms({ sizes: { ...smallSizes, ...rings, flows: 16_384 } })
  })
  after(() => programs.close())

  const compare = (frames: readonly Frame[], told: Told, isDirected: boolean): number => {
    const kernel = lines(kernelRecords(programs, frames), isDirected)
    const host = lines(told.records, isDirected)
    assert.equal(host.length, kernel.length)
    const at = kernel.findIndex((line, i) => line !== host[i])
    assert.equal(host[at], kernel[at])
    return kernel.length
  }

  for (const seed of [1, 2, 3]) {
    test(`conversations drawn with seed ${seed}: every record is the same, the proof of the path too`, () => {
      const frames = drawFrames(createRandom(seed))
      const told = liveOf(encodePcap(frames))
      assert.ok(compare(frames, told, true) > 1_000)
      const { flows } = decodeBatch(withoutMarks(told.records), { wallOffsetUs: 0 })
      assert.ok(flows.some(({ pathProven }) => pathProven))
      assert.ok(flows.some(({ isContinuation }) => isContinuation))
      assert.ok(flows.every(({ firstIngress, firstBackward }) => firstIngress !== firstBackward))
    })
  }

  describe('with the reference captures', { skip: referenceMissing() ?? false }, () => {
    for (const capture of referenceCaptures()) {
      test(`${capture}: every record is the same but for the direction`, () => {
        const path = capturePath(capture)
        const frames = readPcap(path).packets.map((packet) => ({ ...packet, way: 'in' as const }))
        assert.ok(compare(frames, live(path), false) > 0)
      })
    }
  })
})

function withoutMarks(bytes: Uint8Array): Uint8Array {
  return Buffer.concat(
    [...recordsIn(bytes)].filter(({ type }) => type !== markType).map(({ record }) => record),
  )
}

const client = { src: '198.51.100.7', dst: '203.0.113.1', srcPort: 40_001, dstPort: 443 }
const server = { src: client.dst, dst: client.src, srcPort: client.dstPort, dstPort: client.srcPort }
const six = { src: '2001:db8::7', dst: '2001:db8::1', srcPort: 40_002, dstPort: 443 }
const start = 1_700_000_000 * second

/** A conversation, an unanswered SYN over IPv6, and a datagram whose capture was cut. */
const someFrames: readonly PcapInput[] = [
  tcpPacket({ ...client, flags: 'S', seq: 1 }),
  tcpPacket({ ...server, flags: 'SA', seq: 100, ack: 2 }),
  tcpPacket({ ...client, flags: 'A', seq: 2, ack: 101 }),
  tcpPacket({ ...client, flags: 'PA', seq: 2, ack: 101, payload: new Uint8Array(33) }),
  tcpPacket({ ...six, flags: 'S' }),
  udpPacket({ ...client, payload: new Uint8Array(500) }).subarray(0, 60),
].map((data, i) => ({ data, timeUs: start + i * 7_000 }))

describe('a capture file', { skip: skipOrFail(readingUnavailable()) }, () => {
  for (const { name, form } of captureForms) {
    test(`a ${name} capture tells the same records as a plain one`, () => {
      const plain = liveOf(encodeCapture(someFrames))
      const other = liveOf(encodeCapture(someFrames, form))
      assert.equal(other.status, 0)
      assert.equal(Buffer.compare(other.records, plain.records), 0)
      const { flows } = decodeBatch(withoutMarks(plain.records), { wallOffsetUs: 0 })
      assert.equal(flows.filter(({ kind }) => kind === 'ended').length, 3)
      assert.ok(flows.some(({ pathProven }) => pathProven))
      assert.ok(flows.some(({ protocol, bytesFwd }) => protocol === 17 && bytesFwd === 500))
    })
  }

  for (const { name, pack } of packings) {
    test(`a capture packed by ${name} tells the same records as a plain one`, () => {
      const file = encodeCapture(someFrames)
      const packed = liveOf(pack(file))
      assert.equal(packed.status, 0)
      assert.equal(Buffer.compare(packed.records, liveOf(file).records), 0)
      assert.equal(readFacts(packed.message).fault, undefined)
    })

    test(`a capture packed by ${name} whose end is missing tells what could be unpacked, and where it ends`, () => {
      const many = Array.from({ length: 3000 }, (_, i) => ({ ...someFrames[0]!, timeUs: start + i * 1000 }))
      const file = pack(encodeCapture(many))
      const { status, message } = liveOf(file.subarray(0, file.length - 1))
      const { packets, fault } = readFacts(message)
      assert.equal(status, 0)
      assert.ok(packets > 1000, `${packets} packets`)
      assert.deepEqual(fault, { atByte: file.length - 1, why: 'the packed data ends too early' })
    })
  }

  test('a section with another byte order and another link may follow', () => {
    const halves = [someFrames.slice(0, 3), someFrames.slice(3)] as const
    const both = Buffer.concat([
      encodeCapture(halves[0], { format: 'pcapng' }),
      encodeCapture(halves[1], { format: 'pcapng', isBigEndian: true, linkType: 113, perSecond: 1e9 }),
    ])
    const plain = liveOf(encodeCapture(someFrames))
    assert.equal(Buffer.compare(liveOf(both).records, plain.records), 0)
  })

  test('lengths of a capture before version 2.3 have changed places', () => {
    const file = Buffer.from(encodeCapture(someFrames))
    file.writeUInt16LE(1, 6)
    for (let at = 24; at < file.length; ) {
      const captured = file.readUInt32LE(at + 8)
      file.writeUInt32LE(captured + 1_000, at + 8)
      file.writeUInt32LE(captured, at + 12)
      at += 16 + captured
    }
    const plain = liveOf(encodeCapture(someFrames))
    assert.equal(Buffer.compare(liveOf(file).records, plain.records), 0)
  })

  for (const form of [plainForm, { ...plainForm, format: 'pcapng' as const }]) {
    test(`a ${form.format} file that ends anywhere tells what is whole, and where it ends`, () => {
      const sizes = someFrames.map((_, i) => encodeCapture(someFrames.slice(0, i), form).length)
      const whole = encodeCapture(someFrames, form)
      for (let length = sizes[1]!; length < whole.length; length++) {
        const { status, message } = liveOf(whole.subarray(0, length))
        const { packets, fault } = readFacts(message)
        const complete = sizes.findLastIndex((size) => size <= length)
        assert.equal(status, 0)
        assert.equal(packets, complete)
        assert.equal(fault?.atByte, length === sizes[complete] ? undefined : sizes[complete])
      }
    })
  }

  const refused = [
    { name: 'an empty file', file: new Uint8Array(0), says: /too short for a capture/ },
    { name: 'text', file: Buffer.from('{"not":"a capture"}'), says: /neither pcap nor pcapng/ },
    { name: 'half a header', file: encodeCapture([]).subarray(0, 20), says: /too short for a capture/ },
    {
      name: 'an unknown link',
      file: Buffer.concat([encodeCapture([]).subarray(0, 20), Uint8Array.of(127, 0, 0, 0)]),
      says: /a link type that is neither/,
    },
  ]
  for (const { name, file, says } of refused) {
    test(`${name} is refused`, () => {
      const { status, records, message } = liveOf(file)
      assert.equal(status, 1)
      assert.equal(records.length, 0)
      assert.match(message, says)
    })
  }

  test('a file that is not there is refused', () => {
    assert.match(live(join(folder, 'missing')).message, /No such file/)
  })

  test('a record larger than any frame ends the reading where it begins', () => {
    const file = Buffer.from(encodeCapture(someFrames))
    const second = encodeCapture(someFrames.slice(0, 1)).length
    file.writeUInt32LE(0x10000000, second + 8)
    const { packets, fault } = readFacts(liveOf(file).message)
    assert.equal(packets, 1)
    assert.deepEqual(fault, { atByte: second, why: 'a record is larger than any frame' })
  })

  test('bytes at random never break it', () => {
    const random = createRandom(5)
    const frames = Array.from({ length: 40 }, (_, i) => ({
      ...someFrames[i % 6]!,
      timeUs: start + i * second,
    }))
    for (let round = 0; round < 150; round++) {
      const form = {
        format: random.pick(['pcap', 'pcapng'] as const),
        linkType: random.pick([1, 101, 113, 276]),
      }
      const file = Buffer.from(encodeCapture(frames, form))
      for (let faults = 1 + random.below(20); faults > 0; faults--)
        file[24 + random.below(file.length - 24)] = random.below(256)
      const { status, message } = liveOf(file)
      assert.ok(status === 0 || status === 1, `${status} ${message}`)
    }
  })

  test('every record lies between the mark before it and its own, and marks never go back', () => {
    const frames = drawFrames(createRandom(9))
    let markedUs = 0
    let waiting: number[] = []
    for (const { type, timeUs } of recordsIn(liveOf(encodePcap(frames)).records)) {
      if (type !== markType) {
        waiting.push(timeUs)
        continue
      }
      for (const us of waiting) assert.ok(us >= markedUs && us <= timeUs && timeUs - us <= 20_000)
      assert.ok(timeUs >= markedUs)
      markedUs = timeUs
      waiting = []
    }
    assert.deepEqual(waiting, [])
    assert.equal(markedUs, frames.at(-1)!.timeUs + afterMs * 1000)
  })

  test('a clock that goes back stands still', () => {
    const frames = [0, 5, -40, 6].map((s) => ({ data: someFrames[0]!.data, timeUs: start + s * second }))
    const times = [...recordsIn(liveOf(encodePcap(frames)).records)].map(({ timeUs }) => timeUs)
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    )
    assert.equal(times.at(-1), start + 8 * second)
  })
})
