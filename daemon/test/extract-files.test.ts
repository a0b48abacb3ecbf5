/** The host program `extract`: the same flows from every form of file, and plain words about files that are damaged. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { skipOrFail } from '../../lab/available.js'
import { tcpPacket, udpPacket } from '../../lab/packet.js'
import type { PcapInput } from '../../lab/pcap.js'
import { captureForms, encodeCapture, plainForm } from './capture-files.js'
import { countOf, faultsOf, flowsOf } from './extract-facts.js'
import { extract, hostBuildUnavailable } from './host-extract.js'
import { packings, zstdFrame, zstdSkippableFrame } from './packed-files.js'
import { createRandom } from './random.js'

const folder = mkdtempSync(join(tmpdir(), 'idsd-extract-'))
after(() => rmSync(folder, { recursive: true }))

let fileCount = 0
function fileOf(bytes: Uint8Array): string {
  const path = join(folder, `capture-${fileCount++}`)
  writeFileSync(path, bytes)
  return path
}
const extractOf = (...files: readonly Uint8Array[]) => extract(files.map(fileOf))

const startUs = 1_700_000_000_000_000
const client = { src: '198.51.100.7', dst: '203.0.113.1', srcPort: 40_001, dstPort: 443 }
const server = { src: client.dst, dst: client.src, srcPort: client.dstPort, dstPort: client.srcPort }
const six = { src: '2001:db8::7', dst: '2001:db8::1', srcPort: 40_002, dstPort: 443 }

const frames: readonly PcapInput[] = [
  tcpPacket({ ...client, flags: 'S', seq: 1 }),
  tcpPacket({ ...server, flags: 'SA', seq: 100, ack: 2 }),
  tcpPacket({ ...six, flags: 'S' }),
  tcpPacket({ ...client, flags: 'PA', seq: 2, ack: 101, payload: new Uint8Array(33) }),
  udpPacket({ ...client, payload: new Uint8Array(500) }).subarray(0, 60),
  tcpPacket({ ...six, flags: 'S' }),
].map((data, i) => ({ data, timeUs: startUs + i * 7_000 }))
const plain = encodeCapture(frames)

/** Packets of a few flows, so that files that are merged share flows. */
function drawFrames(count: number, seed: number): PcapInput[] {
  const random = createRandom(seed)
  let timeUs = startUs
  return Array.from({ length: count }, () => {
    timeUs += random.pick([0, 1, 900, 40_000, 9_000_000])
    const ends = { src: `10.0.0.${random.below(6)}`, dst: '10.0.1.1', srcPort: 5_000, dstPort: 80 }
    return {
      timeUs,
      data: tcpPacket({ ...ends, flags: random.pick(['S', 'A', 'PA', 'FA', 'R']), seq: random.below(99) }),
    }
  })
}

describe('extract', { skip: skipOrFail(hostBuildUnavailable()) }, () => {
  test('it tells every flow of a plain capture', () => {
    const told = extractOf(plain)
    assert.equal(told.status, 0)
    assert.deepEqual(
      flowsOf(told).map((flow) => [flow.src, flow.startUs, flow.lastUs, flow.packetsFwd, flow.packetsBwd]),
      [
        ['198.51.100.7', startUs, startUs + 21_000, 2, 1],
        ['2001:db8::7', startUs + 14_000, startUs + 35_000, 2, 0],
        ['198.51.100.7', startUs + 28_000, startUs + 28_000, 1, 0],
      ],
    )
    assert.deepEqual(faultsOf(told), [])
    for (const [name, count] of [
      ['packets', 6],
      ['flows', 3],
      ['first_us', startUs],
      ['last_us', startUs + 35_000],
      ['table_full', 0],
    ] as const)
      assert.equal(countOf(told, name), count, name)
  })

  describe('the same flows as of a plain capture come of', () => {
    const same = (args: readonly string[], input?: Uint8Array) => {
      const told = extract(args, input)
      assert.equal(told.status, 0)
      assert.equal(Buffer.compare(told.records, extractOf(plain).records), 0)
      assert.deepEqual(faultsOf(told), [])
    }
    const files: readonly { name: string; file: Uint8Array }[] = [
      ...captureForms.map(({ name, form }) => ({ name, file: encodeCapture(frames, form) })),
      ...packings.map(({ name, pack }) => ({ name, file: pack(plain) })),
      {
        name: 'two members of gzip, the border inside a record',
        file: Buffer.concat([gzipSync(plain.subarray(0, 77)), gzipSync(plain.subarray(77))]),
      },
      { name: 'gzip with zeros behind', file: Buffer.concat([gzipSync(plain), Buffer.alloc(512)]) },
      {
        name: 'two frames of zstd, one to be passed over before them',
        file: Buffer.concat([
          zstdSkippableFrame(Buffer.from('a table')),
          zstdFrame(plain.subarray(0, 77)),
          zstdFrame(plain.subarray(77)),
        ]),
      },
      {
        name: 'a pcapng section of several interfaces, each with its own clock',
        file: blocksOf([
          [1, frames.slice(0, 2), 6, 0],
          [113, frames.slice(2, 3), 9, 0],
          [101, frames.slice(3), 0x80 | 20, 1_600_000_000],
        ]),
      },
    ]
    for (const { name, file } of files) test(name, () => same([fileOf(file)]))
    for (const { name, file } of [{ name: 'plain', file: plain }, ...files.slice(-6, -3)])
      test(`standard input: ${name}`, () => same(['-'], file))
  })

  test('frames are given with their times, as far as the programs read them; those without a flow whole', () => {
    const arp = new Uint8Array(60)
    arp.set([0x08, 0x06], 12)
    const all = [...frames, { data: arp, timeUs: 2e15 }]
    const { records, status } = extract(['--frames', fileOf(encodeCapture(all))])
    const bytes = Buffer.from(records)
    assert.equal(status, 0)
    let at = 0
    let isOneCut = false
    for (const { data, timeUs } of all) {
      const length = bytes.readUInt32LE(at + 8)
      assert.equal(Number(bytes.readBigUInt64LE(at)), timeUs)
      assert.equal(bytes.readUInt32LE(at + 12), 0)
      assert.deepEqual(bytes.subarray(at + 16, at + 16 + length), Buffer.from(data.subarray(0, length)))
      // Ethernet, IPv4, and the fixed part of a TCP header.
      if (data !== arp && data[12] === 8 && data[14] === 0x45) assert.equal(length, Math.min(54, data.length))
      if (data === arp) assert.equal(length, 60)
      isOneCut ||= length < data.length
      at += 16 + Math.ceil(length / 8) * 8
    }
    assert.equal(at, records.length)
    assert.ok(isOneCut)
  })

  test('packets of a link that is not read are counted beside those of one that is', () => {
    const usb = 189
    const both = extractOf(
      blocksOf([
        [1, frames, 6, 0],
        [usb, frames.slice(0, 3), 6, 0],
      ]),
    )
    const alone = extractOf(plain)
    assert.equal(countOf(both, 'unparsed_not_ip'), countOf(alone, 'unparsed_not_ip') + 3)
    assert.equal(countOf(both, 'flows'), countOf(alone, 'flows'))
    assert.deepEqual(faultsOf(both), [])
    const none = extractOf(blocksOf([[usb, frames, 6, 0]]))
    assert.match(faultsOf(none)[0]?.why ?? '', /neither Ethernet, Linux cooked nor raw IP/)
  })

  describe('several files', () => {
    const drawn = drawFrames(400, 3)
    const whole = () => extractOf(encodeCapture(drawn))

    test('three that interleave give the flows of one', () => {
      const parts = [0, 1, 2].map((part) => encodeCapture(drawn.filter((_, i) => (i * 7) % 3 === part)))
      const told = extractOf(...parts)
      assert.equal(countOf(told, 'backward'), 0)
      assert.deepEqual(counts(told.message), counts(whole().message))
      // Packets of one time come in the order of the files: so compared without them.
      const apart = drawn.map((frame, i) => ({ ...frame, timeUs: startUs + i * 1_000_000 }))
      const split = [2, 0, 1].map((part) => encodeCapture(apart.filter((_, i) => (i * 7) % 3 === part)))
      assert.equal(Buffer.compare(extractOf(...split).records, extractOf(encodeCapture(apart)).records), 0)
    })

    test('of packets of one time those of the file named first come first', () => {
      const [a, b] = ['S', 'R'].map((flags) =>
        encodeCapture([{ timeUs: startUs, data: tcpPacket({ ...client, flags: flags as 'S' }) }]),
      )
      const states = (told: ReturnType<typeof extract>) => flowsOf(told).map(({ tcpState }) => tcpState)
      // A reset in the first packet does not move the state.
      assert.deepEqual(states(extractOf(a!, b!)), ['ready'])
      assert.deepEqual(states(extractOf(b!, a!)), ['none'])
    })

    test('a hundred, each after the other, in any order of names give the flows of one', () => {
      const parts = Array.from({ length: 100 }, (_, n) => encodeCapture(drawn.slice(n * 4, n * 4 + 4)))
      const spread = parts.map((_, n) => parts[(n * 37) % 100]!)
      const apart = extractOf(...spread)
      assert.deepEqual(counts(apart.message), counts(whole().message))
      assert.equal(Buffer.compare(extractOf(...parts).records, whole().records), 0)
    })

    test('a hundred at the same time give the flows of one', () => {
      const apart = drawn.map((frame, i) => ({ ...frame, timeUs: startUs + i * 1_000_000 }))
      const parts = Array.from({ length: 100 }, (_, n) =>
        encodeCapture(apart.filter((_, i) => i % 100 === n)),
      )
      assert.equal(Buffer.compare(extractOf(...parts).records, extractOf(encodeCapture(apart)).records), 0)
    })

    test('one that is damaged is told by its number, and the others are read to their end', () => {
      const damaged = Buffer.from(encodeCapture(drawn.slice(100, 200)))
      damaged.writeUInt32LE(0x7fffffff, 24 + 8)
      const told = extractOf(encodeCapture(drawn.slice(0, 100)), damaged, encodeCapture(drawn.slice(200)))
      assert.deepEqual(faultsOf(told), [{ file: 1, atByte: 24, why: 'a record is larger than any frame' }])
      assert.equal(countOf(told, 'packets'), 300)
    })
  })

  describe('a damaged file', () => {
    const many = Array.from({ length: 3_000 }, (_, i) => ({ ...frames[i % 6]!, timeUs: startUs + i * 1000 }))

    for (const form of [plainForm, { ...plainForm, format: 'pcapng' as const }]) {
      test(`a ${form.format} file that ends at any byte gives what is whole, and where it ends`, () => {
        const sizes = frames.map((_, i) => encodeCapture(frames.slice(0, i), form).length)
        const cut = encodeCapture(frames, form)
        for (let length = sizes[0]!; length < cut.length; length++) {
          const told = extract(['-'], cut.subarray(0, length))
          const complete = sizes.findLastIndex((size) => size <= length)
          assert.equal(told.status, 0)
          assert.equal(countOf(told, 'packets'), complete)
          assert.equal(
            flowsOf(told).reduce((sum, flow) => sum + flow.packetsFwd + flow.packetsBwd, 0),
            complete,
          )
          const faults = length === sizes[complete] ? [] : [sizes[complete]]
          assert.deepEqual(
            faultsOf(told).map(({ atByte }) => atByte),
            faults,
          )
        }
      })
    }

    for (const { name, pack } of packings) {
      test(`${name} data that ends at any byte gives what could be unpacked, and where it ends`, () => {
        const packed = pack(plain)
        let most = 0
        for (let length = 1; length < packed.length; length++) {
          const told = extract(['-'], packed.subarray(0, length))
          if (told.status === 1) {
            // Not even the header of the capture could be unpacked.
            assert.match(told.message, /^extract: -: (the packed data ends too early|too short|neither pcap)/)
            assert.equal(most, 0)
            continue
          }
          assert.deepEqual(faultsOf(told), [
            { file: 0, atByte: length, why: 'the packed data ends too early' },
          ])
          assert.ok(countOf(told, 'packets') >= most)
          most = countOf(told, 'packets')
        }
        // gzip has a checksum behind its data: the last packet is whole before the end is.
        assert.equal(most, name === 'gzip' ? 6 : 5)
      })
    }

    test('gzip data that is damaged in its middle gives what stands before, and where the damage was met', () => {
      const packed = gzipSync(encodeCapture(many), { level: 0 })
      // Blocks are stored as they are: type, length, and its complement, behind a header of 10 bytes.
      const at = 10 + 5 + packed.readUInt16LE(11)
      packed.fill(0x55, at, at + 5)
      const told = extractOf(packed)
      assert.equal(told.status, 0)
      const [fault] = faultsOf(told)
      assert.equal(fault?.why, 'the gzip data is damaged')
      assert.ok(fault.atByte >= at && fault.atByte <= at + 16, `${fault.atByte} of ${at}`)
      assert.ok(countOf(told, 'packets') > 100)
    })

    test('zstd data that is damaged in its middle gives what stands before, and where the damage was met', () => {
      const packed = zstdFrame(encodeCapture(many))
      // The header of the second block: a type that is not defined.
      const at = 9 + 3 + (1 << 17)
      packed[at] = 0xff
      const told = extractOf(packed)
      const [fault] = faultsOf(told)
      assert.equal(fault?.why, 'the zstd data is damaged')
      // Where the last read began: what was given of it before the damage is not said.
      assert.ok(fault.atByte > at - 65_536 && fault.atByte <= at + 3, `${fault.atByte} of ${at}`)
      assert.ok(countOf(told, 'packets') > 1000)
    })

    test('a damaged record in packed data is told by its place in what was unpacked', () => {
      const file = Buffer.from(plain)
      const second = encodeCapture(frames.slice(0, 1)).length
      file.writeUInt32LE(0x10000000, second + 8)
      const why = 'a record is larger than any frame (bytes counted after unpacking)'
      assert.deepEqual(faultsOf(extractOf(gzipSync(file))), [{ file: 0, atByte: second, why }])
    })

    test('bytes at random never break it', () => {
      const random = createRandom(7)
      for (let round = 0; round < 150; round++) {
        const { form } = random.pick(captureForms)
        const packed = random.pick([(bytes: Uint8Array) => bytes, zstdFrame, (b: Uint8Array) => gzipSync(b)])
        const isInside = random.next() < 0.5
        const damage = (bytes: Uint8Array) => {
          const damaged = Buffer.from(bytes)
          for (let faults = 1 + random.below(20); faults > 0; faults--)
            damaged[random.below(damaged.length)] = random.below(256)
          return damaged
        }
        const whole = encodeCapture(many.slice(0, 40), form)
        const { status, message } = extract(['-'], isInside ? packed(damage(whole)) : damage(packed(whole)))
        assert.ok(status === 0 || status === 1, `${status} ${message}`)
      }
    })
  })

  describe('is refused, and nothing is told:', () => {
    const refused: readonly { name: string; args: () => string[]; says: RegExp }[] = [
      { name: 'an empty file', args: () => [fileOf(new Uint8Array(0))], says: /too short for a capture/ },
      { name: 'text', args: () => [fileOf(Buffer.from('{"a": 1}'))], says: /neither pcap nor pcapng/ },
      { name: 'packed text', args: () => [fileOf(gzipSync('{"a": 1}'))], says: /neither pcap nor pcapng/ },
      { name: 'nothing, packed', args: () => [fileOf(gzipSync(''))], says: /too short for a capture/ },
      { name: 'half a header', args: () => [fileOf(plain.subarray(0, 20))], says: /too short for a capture/ },
      { name: 'a folder', args: () => [folder], says: /Is a directory/ },
      { name: 'a file that is not there', args: () => [join(folder, 'none')], says: /No such file/ },
      { name: 'standard input twice', args: () => ['-', '-'], says: /once only/ },
      { name: 'no file', args: () => [], says: /^usage:/ },
      { name: 'no number of flows', args: () => ['--max-flows', '0', fileOf(plain)], says: /not a number/ },
    ]
    for (const { name, args, says } of refused) {
      test(name, () => {
        const { status, records, message } = extract(args())
        assert.equal(status, 1)
        assert.equal(records.length, 0)
        assert.match(message, says)
      })
    }

    test('the last of several files, by its name', () => {
      const [good, bad] = [fileOf(plain), fileOf(Buffer.from('no capture'))]
      const { status, records, message } = extract([good, good, bad])
      assert.deepEqual([status, records.length], [1, 0])
      assert.equal(message, `extract: ${bad}: neither pcap nor pcapng\n`)
    })
  })
})

/** Without the order of ends, which packets of one time decide. */
function counts(message: string): string[] {
  return message.split('\n').filter((line) => /^(packets|bytes|flows|first_us|last_us) /.test(line))
}

/** One section; each interface has a link type, frames, `if_tsresol` and `if_tsoffset`, s. */
function blocksOf(interfaces: readonly (readonly [number, readonly PcapInput[], number, number])[]): Buffer {
  const u16 = (...values: number[]) => Buffer.from(Uint16Array.from(values).buffer)
  const u32 = (...values: number[]) => Buffer.from(Uint32Array.from(values).buffer)
  const block = (type: number, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts)
    const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)])
    return Buffer.concat([u32(type, padded.length + 12), padded, u32(padded.length + 12)])
  }
  const described = interfaces.map(([link, , resolution, offsetS]) => {
    const offset = Buffer.alloc(8)
    offset.writeBigInt64LE(BigInt(offsetS))
    return block(
      1,
      u16(link, 0),
      u32(0),
      u16(9, 1),
      Buffer.of(resolution, 0, 0, 0),
      u16(14, 8),
      offset,
      u32(0),
    )
  })
  const packets = interfaces.flatMap(([link, own, resolution, offsetS], number) =>
    own.map(({ data, timeUs }) => {
      const perSecond = resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
      const us = BigInt(timeUs) - BigInt(offsetS) * 1_000_000n
      // Rounded up: what is read is rounded down.
      const stamp = (us * perSecond + 999_999n) / 1_000_000n
      const record = relinked(data, link)
      const fixed = u32(
        number,
        Number(stamp >> 32n),
        Number(stamp & 0xffffffffn),
        record.length,
        record.length,
      )
      return block(6, fixed, record)
    }),
  )
  const section = block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1, 0), u32(0xffffffff, 0xffffffff))
  return Buffer.concat([section, ...described, ...packets])
}

function relinked(frame: Uint8Array, link: number): Uint8Array {
  if (link === 1) return frame
  const packet = frame.subarray(14)
  return link === 101 ? packet : Buffer.concat([Buffer.alloc(14), frame.subarray(12, 14), packet])
}
