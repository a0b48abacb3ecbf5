import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPacketRate } from './packet-rate.js'

const settings = { windowMs: 60_000, meanMs: 600_000, quietFactor: 2 }

/** @param parts packets a second, for so many seconds, one after the other */
function quietAfter(parts: readonly (readonly [rate: number, seconds: number])[]): boolean {
  const rate = createPacketRate(settings)
  let packets = 0
  let nowMs = 0
  rate.observe(packets, nowMs)
  for (const [perSecond, seconds] of parts) {
    for (let second = 0; second < seconds; second++) {
      packets += perSecond
      nowMs += 1_000
      rate.observe(packets, nowMs)
    }
  }
  return rate.isQuiet()
}

const rows: readonly (readonly [string, readonly (readonly [number, number])[], boolean])[] = [
  ['nothing is known: quiet', [], true],
  ['an even line is quiet', [[100, 900]], true],
  [
    'a line at 1.9 times its mean is quiet',
    [
      [100, 700],
      [190, 60],
    ],
    true,
  ],
  [
    'a line at 2.1 times its mean is not',
    [
      [100, 700],
      [210, 60],
    ],
    false,
  ],
  [
    'a flood that began ten seconds ago is within the mean of a minute',
    [
      [100, 700],
      [300, 10],
    ],
    true,
  ],
  [
    'a larger one is not',
    [
      [100, 700],
      [2_000, 10],
    ],
    false,
  ],
  [
    'a line that was silent and speaks is not quiet',
    [
      [0, 700],
      [50, 60],
    ],
    false,
  ],
  ['a silent line is quiet', [[0, 700]], true],
  [
    'soon after the start the later half is held against the earlier one',
    [
      [100, 10],
      [1_000, 10],
    ],
    false,
  ],
  ['soon after the start an even line is quiet', [[100, 20]], true],
  [
    'a flood that goes on for long is what is usual',
    [
      [100, 700],
      [2_000, 1_000],
    ],
    true,
  ],
]
for (const [name, parts, isQuiet] of rows) {
  test(name, () => assert.equal(quietAfter(parts), isQuiet))
}

test('a reading is due 20 times in a window', () => {
  const rate = createPacketRate(settings)
  assert.equal(rate.isDue(0), true)
  rate.observe(1, 0)
  assert.deepEqual([rate.isDue(2_999), rate.isDue(3_000)], [false, true])
})

test('counters that begin anew are not a flood', () => {
  const rate = createPacketRate(settings)
  for (let second = 0; second < 100; second++) rate.observe(second * 1_000, second * 1_000)
  rate.observe(5, 100_000)
  assert.equal(rate.isQuiet(), true)
})
