import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TcpLine, tcpFrames, type UdpLine, udpFrames } from '../golden/exchange.js'
import { doubtfulGaps } from './plain-gaps.js'

const ends = { src: '198.51.100.7', dst: '203.0.113.1' }

const cases: readonly (readonly [name: string, lines: readonly UdpLine[], why: RegExp | undefined])[] = [
  [
    'short gaps are plain',
    [
      [0, '>', 1],
      [10, '<', 1],
    ],
    undefined,
  ],
  [
    '990 ms are plain',
    [
      [0, '>', 1],
      [990_000, '>', 1],
    ],
    undefined,
  ],
  [
    'less than 10 ms below 1 s is doubtful',
    [
      [0, '>', 1],
      [990_001, '>', 1],
    ],
    /990001 us/,
  ],
  [
    'less than 10 ms above 5 s is doubtful',
    [
      [0, '>', 1],
      [5_009_999, '<', 1],
    ],
    /5009999 us/,
  ],
  [
    'a gap inside one direction counts though the other one speaks in it',
    [
      [0, '>', 1],
      [500_000, '<', 1],
      [1_000_000, '>', 1],
    ],
    /1000000 us/,
  ],
  [
    'a gap between data counts though empty packets lie in it',
    [
      [0, '>', 1],
      [500_000, '>', 0],
      [1_000_000, '>', 1],
    ],
    /1000000 us/,
  ],
  [
    'data of both directions at one time is doubtful',
    [
      [0, '>', 1],
      [0, '<', 1],
    ],
    /two packets/,
  ],
  [
    'packets of one direction at one time are plain',
    [
      [0, '>', 1],
      [0, '>', 1],
    ],
    undefined,
  ],
  [
    'but not before a long rest',
    [
      [0, '>', 1],
      [0, '>', 1],
      [6_000_000, '>', 1],
    ],
    /two packets/,
  ],
  [
    'a capture that comes near 120 s is doubtful',
    [
      [0, '>', 1],
      [111_000_000, '>', 1],
    ],
    /long/,
  ],
]

for (const [name, lines, why] of cases) {
  test(name, () => {
    const found = doubtfulGaps(udpFrames(ends, lines)).join()
    if (why === undefined) assert.equal(found, '')
    else assert.match(found, why)
  })
}

test('gaps between packets of two conversations are none', () => {
  const lines: readonly TcpLine[] = [[0, '>', 'S']]
  const later: readonly TcpLine[] = [[1_000_000, '>', 'S']]
  const frames = [...tcpFrames(ends, lines), ...tcpFrames({ ...ends, srcPort: 5 }, later)]
  assert.deepEqual(doubtfulGaps(frames), [])
})
