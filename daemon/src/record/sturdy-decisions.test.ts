import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StoreError } from './store-error.js'
import { StoreError as Fault } from './store-error.js'
import { createSturdyDecisions } from './sturdy-decisions.js'
import { at, testStore } from './test-store.js'

const automatic = {
  target: '203.0.113.9',
  action: 'drop',
  kind: 'block',
  origin: 'detector',
  mode: 'prevent',
  reason: 'login 120',
  createdBy: 'login',
  createdAtMs: 1_000,
  expiresAtMs: 601_000,
  evidence: [],
} as const

/** A store whose writes fail while `isFull`. */
function world(t: Parameters<typeof testStore>[0]) {
  const store = testStore(t)
  const disk = { isFull: false }
  const faults: StoreError[] = []
  const full = () => {
    if (disk.isFull) throw new Fault('ERR_STORE_FULL', 'no room')
  }
  const decisions = createSturdyDecisions(
    {
      ...store,
      insertDecision: (decision) => {
        full()
        return store.insertDecision(decision)
      },
      endDecision: (...given) => {
        full()
        return store.endDecision(...given)
      },
      reviveDecisions: (nowMs) => {
        full()
        return store.reviveDecisions(nowMs)
      },
    },
    (fault) => faults.push(fault),
  )
  return { store, disk, faults, decisions }
}

describe('decisions over a full disk', () => {
  test('one that a wrong clock ended does not come back yet, which is told and keeps no start from going on', (t) => {
    const { store, disk, decisions, faults } = world(t)
    const { number } = decisions.insertDecision({ ...automatic, origin: 'operator' })
    decisions.endDecision(number, 'expired', 700_000)
    disk.isFull = true
    assert.deepEqual([decisions.reviveDecisions(5_000), faults.length], [[], 1])
    disk.isFull = false
    assert.deepEqual(
      [decisions.reviveDecisions(700_000), decisions.reviveDecisions(500)],
      [[], []],
      'over, or not made yet',
    )
    assert.deepEqual(
      decisions.reviveDecisions(5_000).map((decision) => decision.number),
      [number],
    )
    assert.equal(store.decision(number)?.state, 'active')
  })

  test('an automatic one is kept in memory, listed, and ends', (t) => {
    const { disk, decisions, faults } = world(t)
    const stored = decisions.insertDecision(automatic)
    disk.isFull = true
    const kept = decisions.insertDecision({ ...automatic, target: '203.0.113.10' })
    assert.ok(kept.number >= 2 ** 31 && kept.number < 2 ** 32)
    assert.equal(faults.length, 1)
    assert.deepEqual(
      decisions.decisions({}, false).rows.map(({ number }) => number),
      [kept.number, stored.number],
    )
    assert.equal(decisions.decisions({}).total, 2)
    assert.deepEqual(
      decisions.decisions({ target: at('203.0.113.9') }).rows.map(({ number }) => number),
      [stored.number],
    )
    const hits = { packets: 3, bytes: 200, lastSeenMs: 5_000 }
    assert.equal(decisions.endDecision(kept.number, 'expired', 601_000, hits).state, 'expired')
    assert.equal(decisions.decision(kept.number)?.state, 'expired')
    assert.deepEqual(decisions.hits(kept.number), hits)
    assert.deepEqual(
      decisions.decisions({}, false).rows.map(({ number }) => number),
      [stored.number],
    )
  })

  test("an operator's fails, so that it can be told", (t) => {
    const { disk, decisions } = world(t)
    disk.isFull = true
    assert.throws(() => decisions.insertDecision({ ...automatic, origin: 'operator' }), {
      code: 'ERR_STORE_FULL',
    })
    assert.equal(decisions.unstored, 0)
  })

  test('a stored one can be lifted, and the end is written when there is room', (t) => {
    const { store, disk, decisions } = world(t)
    const { number } = decisions.insertDecision({ ...automatic, origin: 'operator' })
    disk.isFull = true
    assert.equal(decisions.endDecision(number, 'lifted', 9_000).state, 'lifted')
    assert.equal(decisions.decision(number)?.state, 'lifted')
    assert.deepEqual(decisions.decisions({}, false), { rows: [], total: 0 })
    assert.equal(store.decision(number)?.state, 'active')
    assert.throws(() => decisions.retry(), { code: 'ERR_STORE_FULL' })
    disk.isFull = false
    decisions.retry()
    assert.equal(store.decision(number)?.state, 'lifted')
    assert.equal(store.decision(number)?.endedAtMs, 9_000)
    assert.equal(decisions.unstored, 0)
  })

  test('a decision that does not exist is not found', (t) => {
    const { decisions } = world(t)
    assert.throws(() => decisions.endDecision(77, 'lifted', 1), { code: 'ERR_NOT_FOUND' })
  })
})
