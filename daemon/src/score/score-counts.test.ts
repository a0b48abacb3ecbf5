import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createScoreCounter, scoreBounds } from './score-counts.js'

test('buckets are cumulative, a score at a bound is inside, and one above the last is in the count alone', () => {
  const counter = createScoreCounter()
  for (const score of [0, 0.1, 0.15, 0.5, 0.9, 0.96, 0.999, 1]) counter.add(score)
  const { bounds, cumulative, sum, count } = counter.counts()
  assert.equal(bounds, scoreBounds)
  assert.deepEqual(cumulative, [2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 6])
  assert.equal(count, 8)
  assert.ok(Math.abs(sum - 4.609) < 1e-9)
})

test('nothing counted is zero everywhere', () => {
  const { cumulative, sum, count } = createScoreCounter().counts()
  assert.deepEqual([new Set(cumulative), sum, count], [new Set([0]), 0, 0])
})
