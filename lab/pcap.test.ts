import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodePcap, encodePcap, readPcap, writePcap } from './pcap.js'

const packets = [
  { timeUs: 1_700_000_000_123_456, data: Uint8Array.of(1, 2, 3), originalLength: 3 },
  { timeUs: 1_700_000_001_000_001, data: Uint8Array.of(4, 5), originalLength: 1500 },
]

/** A capture in any of the four classic variants, written by hand here as the independent source. */
function variant(isLittle: boolean, magic: number, fraction: number): Uint8Array {
  const file = new Uint8Array(24 + 16 + 2)
  const view = new DataView(file.buffer)
  const words: [number, number][] = [
    [0, magic],
    [16, 65_535],
    [20, 1],
    [24, 1_700_000_000],
    [28, fraction],
    [32, 2],
    [36, 60],
  ]
  for (const [at, value] of words) view.setUint32(at, value, isLittle)
  file.set([9, 8], 40)
  return file
}

for (const isLittle of [true, false]) {
  for (const [unit, magic, fraction] of [
    ['microseconds', 0xa1b2c3d4, 123_456],
    ['nanoseconds', 0xa1b23c4d, 123_456_789],
  ] as const) {
    test(`${unit} in ${isLittle ? 'little' : 'big'} byte order are read`, () => {
      assert.deepEqual(decodePcap(variant(isLittle, magic, fraction)), {
        linkType: 1,
        isTruncated: false,
        packets: [{ timeUs: 1_700_000_000_123_456, data: Uint8Array.of(9, 8), originalLength: 60 }],
      })
    })
  }
}

test('what was written is read again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'idsd-pcap-'))
  try {
    writePcap(join(folder, 'two.pcap'), packets)
    const { packets: again, ...rest } = readPcap(join(folder, 'two.pcap'))
    assert.deepEqual(rest, { linkType: 1, isTruncated: false })
    assert.deepEqual(
      again.map((packet) => ({ ...packet, data: Uint8Array.from(packet.data) })),
      packets,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('a record cut off at the end of the file is left out and reported', () => {
  const whole = encodePcap(packets)
  for (let bytes = whole.length - 1; bytes > 24 + 16 + 3; bytes--) {
    const { packets: read, isTruncated } = decodePcap(whole.subarray(0, bytes))
    assert.deepEqual([read.length, isTruncated], [1, true])
  }
})

const refused: readonly [name: string, file: Uint8Array, message: RegExp][] = [
  ['an empty file', new Uint8Array(0), /too short/],
  ['another format', new Uint8Array(24), /not a capture file/],
  ['pcapng', Uint8Array.from([0x0a, 0x0d, 0x0d, 0x0a, ...new Uint8Array(24)]), /pcapng/],
  [
    'a record longer than any capture has',
    variant(true, 0xa1b2c3d4, 0).fill(0xff, 32, 36),
    /record of 4294967295/,
  ],
]
for (const [name, file, message] of refused) {
  test(`${name} is refused`, () => assert.throws(() => decodePcap(file), { name: 'RangeError', message }))
}
