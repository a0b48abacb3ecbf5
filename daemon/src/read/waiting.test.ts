import assert from 'node:assert/strict'
import { test } from 'node:test'
import { looksBetween } from './waiting.js'

const second = 1_000_000
const never = () => Number.POSITIVE_INFINITY

test('between steps of 20 ms nobody looks', () => {
  assert.deepEqual([...looksBetween(0, 0, 20_000, never)], [])
})

test('a look follows every 100 ms, the last one before the step', () => {
  assert.deepEqual([...looksBetween(50, 50, 400_050, never)], [100_050, 200_050, 300_050])
})

test('silence is counted from the last step that told something', () => {
  assert.deepEqual([...looksBetween(126 * second, 0, 150 * second, never)], [136 * second, 146 * second])
})

test('as long as a flow may be open every look is made, then one in 10 s', () => {
  const looks = [...looksBetween(0, 0, 200 * second, never)]
  assert.equal(looks.filter((us) => us <= 125 * second).length, 1_250)
  assert.deepEqual(
    looks.filter((us) => us > 125 * second).map((us) => us / second),
    [135, 145, 155, 165, 175, 185, 195],
  )
})

test('in long silence nobody looks before a block runs out, however long that is', () => {
  const ends = [5_000 * second, 90_000 * second]
  const looks: number[] = []
  for (const us of looksBetween(1_300 * second, 0, 1e9 * second, () => ends[0] ?? Number.POSITIVE_INFINITY)) {
    looks.push(us)
    if (us >= ends[0]!) ends.shift()
  }
  assert.deepEqual(looks, [5_000 * second, 90_000 * second])
})

test('a block that does not run out when it should does not hold up the clock', () => {
  assert.equal([...looksBetween(1_300 * second, 0, 1_301 * second, () => 0)].length, 9)
})
