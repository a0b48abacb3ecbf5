import assert from 'node:assert/strict'
import { test } from 'node:test'
import { severityLevels, severityOf } from './severity.js'

const all = severityLevels({ critical: 0.99, low: 0.8, high: 0.95, medium: 0.9 })

const scores: readonly (readonly [score: number, severity: string])[] = [
  [0.5, 'low'],
  [0.8, 'low'],
  [0.9, 'medium'],
  [0.9499, 'medium'],
  [0.95, 'high'],
  [0.99, 'critical'],
  [1, 'critical'],
]
for (const [score, severity] of scores) {
  test(`a score of ${score} is ${severity} where low is from 0.8 and critical from 0.99`, () => {
    assert.ok(typeof all !== 'string')
    assert.equal(severityOf(all, score), severity)
  })
}

test('without levels every score is low; a level that is left out never occurs; of equal levels the higher counts', () => {
  const none = severityLevels(undefined)
  assert.ok(typeof none !== 'string')
  assert.deepEqual([severityOf(none, 0), severityOf(none, 1)], ['low', 'low'])
  const some = severityLevels({ low: 0.5, high: 0.9, critical: 0.9 })
  assert.ok(typeof some !== 'string')
  assert.deepEqual([severityOf(some, 0.8), severityOf(some, 0.9)], ['low', 'critical'])
})

const faults: readonly (readonly [value: unknown, reason: RegExp])[] = [
  [0.9, /an object from low/],
  [[], /an object from low/],
  [{}, /at least one severity/],
  [{ fatal: 0.9 }, /fatal is none of low, medium, high, critical/],
  [{ low: 2 }, /low: a number in \[0, 1\] is needed, got 2/],
  [{ low: 0.9, medium: 0.8 }, /medium: 0\.8 is below low, 0\.9/],
]
for (const [value, reason] of faults) {
  test(`levels are refused with the reason: ${JSON.stringify(value)}`, () => {
    const levels = severityLevels(value)
    assert.ok(typeof levels === 'string')
    assert.match(levels, reason)
  })
}
