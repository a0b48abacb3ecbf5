import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCaptureClock } from './capture-clock.js'

test('every clock is the time of the capture, and none goes back', () => {
  const clock = createCaptureClock()
  clock.advance(1_700_000_000_000_600)
  clock.advance(5)
  assert.deepEqual(clock.kernel.clocks(), {
    monotonicUs: 1_700_000_000_000_600,
    bootUs: 1_700_000_000_000_600,
    wallUs: 1_700_000_000_000_600,
  })
  assert.deepEqual([clock.nowUs, clock.nowMs], [1_700_000_000_000_600, 1_700_000_000_001])
})
