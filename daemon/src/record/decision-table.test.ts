import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore, type Store } from './store.js'
import { at, DAY_MS, temporaryPath, testDecision, testEvidence, testStore } from './test-store.js'

test('a decision comes back with its evidence, flows and scores after closing and opening', async (t) => {
  const path = temporaryPath(t)
  const first = openStore({ path })
  const made = first.insertDecision(testDecision({ evidence: [testEvidence()] }))
  assert.equal(made.number, 1)
  assert.equal(made.state, 'active')
  await first.close()
  await first.close()
  const second = openStore({ path })
  t.after(() => second.close())
  assert.deepEqual(second.decision(1), made)
  assert.deepEqual(second.activeDecisions(), [made])
  assert.equal(second.decision(2), undefined)
})

test('an ended decision is no longer active and keeps its state and time', (t) => {
  const store = testStore(t)
  store.insertDecision(testDecision())
  const ended = store.endDecision(1, 'lifted', 1_200_000)
  assert.equal(ended.state, 'lifted')
  assert.equal(ended.endedAtMs, 1_200_000)
  assert.deepEqual(store.activeDecisions(), [])
  assert.throws(() => store.endDecision(7, 'lifted', 1), { code: 'ERR_NOT_FOUND' })
})

test('a number is never given twice, not even after pruning', (t) => {
  const store = testStore(t)
  store.insertDecision(testDecision())
  store.endDecision(1, 'expired', 1_600_000)
  assert.equal(store.prune(1_000 * DAY_MS).decisions, 1)
  assert.equal(store.insertDecision(testDecision()).number, 2)
})

test('decisions are narrowed by time, by targets inside and by targets around, newest first with the total', (t) => {
  const store = testStore(t)
  const targets = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '2001:db8::/32', '192.0.2.1']
  for (const [i, target] of targets.entries()) {
    store.insertDecision(testDecision({ target, createdAtMs: 1_000 * (i + 1) }))
  }
  const list = (filter: Parameters<Store['decisions']>[0], all?: boolean) =>
    store.decisions(filter, all).rows.map(({ target }) => target)
  assert.deepEqual(list({}), targets.toReversed())
  assert.deepEqual(list({ target: at('10.1.0.0/16') }), ['10.1.2.3', '10.1.0.0/16', '10.0.0.0/8'])
  assert.deepEqual(list({ target: at('10.1.2.3') }), ['10.1.2.3', '10.1.0.0/16', '10.0.0.0/8'])
  assert.deepEqual(list({ target: at('2001:db8::7') }), ['2001:db8::/32'])
  assert.deepEqual(list({ sinceMs: 2_000, untilMs: 3_000 }), ['10.1.2.3', '10.1.0.0/16'])
  assert.deepEqual(store.decisions({ last: 2 }).total, 5)
  store.endDecision(5, 'lifted', 9_000)
  assert.equal(store.decisions({}, false).total, 4)
})

test('what a decision met is kept when it ends, survives closing, and leaves with it', async (t) => {
  const path = temporaryPath(t)
  const first = openStore({ path })
  for (let i = 0; i < 3; i++) first.insertDecision(testDecision())
  const hits = { packets: 3, bytes: 180, lastSeenMs: 1_100_000 }
  first.endDecision(1, 'lifted', 1_200_000, hits)
  first.saveHits([[2, { ...hits, packets: 2 }]])
  first.endDecision(2, 'expired', 1_200_000)
  assert.equal(first.hits(3), undefined)
  await first.close()
  const second = openStore({ path })
  t.after(() => second.close())
  assert.deepEqual(second.hits(1), hits)
  assert.equal(second.hits(2)?.packets, 2)
  assert.equal(second.prune(1_000 * DAY_MS).decisions, 2)
  assert.equal(second.hits(1), undefined)
  assert.equal(second.decision(3)?.state, 'active')
})

test('a total and the reading that belongs to it are stored together, until the maps are settled', (t) => {
  const store = testStore(t)
  for (let i = 0; i < 2; i++) store.insertDecision(testDecision())
  const total = { packets: 3, bytes: 180, lastSeenMs: 1, limitCounts: { passed: 1, limited: 2 } }
  const reading = { maps: 77, packets: 2, bytes: 120, passed: 1, limited: 1 }
  store.saveHits([
    [1, { ...total, reading }],
    [2, { packets: 1, bytes: 60, lastSeenMs: 1 }],
    [3, { ...total, reading }],
  ])
  assert.deepEqual([store.hits(1), store.hits(3)], [total, undefined])
  assert.deepEqual(store.hitReadings(77), new Map([[1, reading]]))
  assert.deepEqual(store.hitReadings(78), new Map())
  store.saveHits([[1, { ...total, packets: 4, reading: { ...reading, maps: 78 } }]], [77])
  assert.equal(store.hitReadings(77), undefined)
  assert.equal(store.hitReadings(78)?.get(1)?.packets, 2)
})

test('hits of a decision that is not there are not stored', (t) => {
  const store = testStore(t)
  const hits = { packets: 3, bytes: 180, lastSeenMs: 1_100_000 }
  assert.throws(() => store.endDecision(7, 'lifted', 1, hits), { code: 'ERR_NOT_FOUND' })
  assert.equal(store.hits(7), undefined)
})

test('a decision is read without its evidence where that is not wanted', (t) => {
  const store = testStore(t)
  const made = store.insertDecision(testDecision({ evidence: [testEvidence()] }))
  assert.deepEqual(store.decisions({}, true, false).rows, [{ ...made, evidence: [] }])
})
