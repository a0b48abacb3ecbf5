import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { LadderName } from '../enforce/decision.js'
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
    ['a reject', blockOf(10, 1, { action: 'reject' }), 1],
    ['a step that only counts', blockOf(10, 1, { action: 'count' }), 0],
    ['a step that limits', blockOf(10, 1, { action: 'limit', limit: { unit: 'packets', perSecond: 1 } }), 0],
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

describe('the last step of a ladder', () => {
  const stepOf = (
    step: number,
    minutesAgo: number,
    name: LadderName = 'proven',
    given: Partial<NewDecision> = {},
  ) => {
    const createdAtMs = NOW_MS - minutesAgo * MINUTE_MS
    const times = { createdAtMs, expiresAtMs: createdAtMs + MINUTE_MS }
    return testDecision({ target: address, ladder: { name, step }, ...times, ...given })
  }

  test('is that of the newest decision of this target and ladder, with its end', (t) => {
    const store = testStore(t)
    store.insertDecision(stepOf(0, 9))
    store.insertDecision(stepOf(1, 5))
    store.insertDecision(stepOf(4, 2, 'spoofable'))
    store.insertDecision(stepOf(5, 1, 'proven', { target: '10.77.0.3' }))
    store.insertDecision(testDecision({ target: address, createdAtMs: NOW_MS }))
    assert.deepEqual(store.lastStep(address, 'proven', 0), { step: 1, endMs: NOW_MS - 4 * MINUTE_MS })
    assert.equal(store.lastStep(address, 'spoofable', 0)?.step, 4)
    assert.equal(store.lastStep(address, 'unproven', 0), undefined)
    assert.equal(store.lastStep(address, 'proven', NOW_MS - 4 * MINUTE_MS), undefined)
  })

  test('that an operator lifted does not count, and the one before it does', (t) => {
    const store = testStore(t)
    store.insertDecision(stepOf(0, 9))
    const { number } = store.insertDecision(stepOf(1, 5))
    store.endDecision(number, 'lifted', NOW_MS)
    assert.equal(store.lastStep(address, 'proven', 0)?.step, 0)
    const expired = store.insertDecision(stepOf(1, 2))
    store.endDecision(expired.number, 'expired', NOW_MS)
    assert.equal(store.lastStep(address, 'proven', 0)?.step, 1)
  })

  test('comes back with its limit', (t) => {
    const store = testStore(t)
    const limit = { unit: 'bits', perSecond: 1.5e6 } as const
    const made = store.insertDecision(
      stepOf(1, 1, 'spoofable', { action: 'limit', limit, sparesFlows: true }),
    )
    assert.deepEqual(store.decision(made.number), made)
    assert.deepEqual([made.limit, made.sparesFlows], [limit, true])
    assert.deepEqual(store.decisions({}, true, false).rows[0]?.limit, limit)
  })
})
