import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NewDecision } from './decision-table.js'
import { DAY_MS, testDecision, testStore } from './test-store.js'

const NOW_MS = 100 * DAY_MS
const MINUTE_MS = 60_000
const address = '10.77.0.2'

function blockOf(minutes: number, daysAgo: number, given: Partial<NewDecision> = {}): NewDecision {
  const createdAtMs = NOW_MS - daysAgo * DAY_MS
  return testDecision({
    target: address,
    createdAtMs,
    expiresAtMs: createdAtMs + minutes * MINUTE_MS,
    ...given,
  })
}

describe('repeats', () => {
  const cases: readonly (readonly [string, NewDecision, number])[] = [
    ['a block that stands', blockOf(10, 0), 1],
    ['a block of 7 days ago', blockOf(10, 7), 1],
    ['a block of the model', blockOf(10, 1, { origin: 'model' }), 1],
    ['a block of more than 7 days ago', blockOf(10, 7.001), 0],
    ['a block for a minute, unproven', blockOf(1, 1), 0],
    ['what would have been one', blockOf(10, 1, { kind: 'would_block', action: 'count' }), 0],
    ['a spoofable record', blockOf(10, 1, { kind: 'spoofable', action: 'count' }), 0],
    ["an operator's block", blockOf(10, 1, { origin: 'operator' }), 0],
    ['a block from a list', blockOf(10, 1, { origin: 'list' }), 0],
    ['a block of another address', blockOf(10, 1, { target: '10.77.0.3' }), 0],
    ['a block of the network', blockOf(10, 1, { target: '10.77.0.0/24' }), 0],
  ]
  for (const [name, decision, count] of cases) {
    test(`${name} counts ${count === 1 ? 'once' : 'for nothing'}`, (t) => {
      const store = testStore(t)
      store.insertDecision(decision)
      assert.equal(store.repeats(address, NOW_MS - 7 * DAY_MS, MINUTE_MS), count)
    })
  }

  for (const [state, count] of [
    ['expired', 1],
    ['lifted', 0],
  ] as const) {
    test(`a block that was ${state} counts ${count}`, (t) => {
      const store = testStore(t)
      const { number } = store.insertDecision(blockOf(10, 1))
      store.endDecision(number, state, NOW_MS)
      assert.equal(store.repeats(address, 0, MINUTE_MS), count)
    })
  }

  test('IPv6 addresses have their own', (t) => {
    const store = testStore(t)
    store.insertDecision(blockOf(10, 1, { target: '2001:db8::1' }))
    store.insertDecision(blockOf(40, 0, { target: '2001:db8::1' }))
    assert.equal(store.repeats('2001:db8::1', 0, MINUTE_MS), 2)
    assert.equal(store.repeats('2001:db8::2', 0, MINUTE_MS), 0)
  })
})
