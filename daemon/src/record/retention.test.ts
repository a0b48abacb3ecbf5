import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredFlow } from '../detect/test-flow.js'
import { DAY_MS, testDecision, testEvidence, testStore } from './test-store.js'

test('pruning takes out the oldest flows first, in steps, until the age holds', (t) => {
  const store = testStore(t)
  const flows = Array.from({ length: 10 }, (_, i) => answeredFlow({ startUs: i * DAY_MS * 1_000 }))
  store.append({ flows, scores: [], alerts: [] })
  const nowMs = 10 * DAY_MS
  const first = store.prune(nowMs, { maxRows: 2 })
  assert.deepEqual([first.flows, first.isDone], [2, false])
  assert.equal(store.flows({}).rows.at(-1)!.flow.id, flows[2]!.id)
  const second = store.prune(nowMs, { maxRows: 2 })
  assert.deepEqual([second.flows, second.isDone], [1, true])
  assert.equal(store.flows({}).total, 7)
})

test('pruning to a size takes out flows until what is stored fits', (t) => {
  const store = testStore(t)
  const flows = Array.from({ length: 5_000 }, (_, i) => answeredFlow({ startUs: 1_000_000 + i }))
  store.append({ flows, scores: [], alerts: [] })
  const retention = { maxBytes: 600_000, maxRows: 500 }
  let calls = 0
  while (!store.prune(2_000, retention).isDone) calls++
  const left = store.flows({ last: 1 })
  assert.ok(calls > 1 && left.total > 500 && left.total < 4_500, `${calls} calls, ${left.total} flows left`)
  assert.equal(left.rows[0]!.flow.id, flows.at(-1)!.id)
  assert.equal(store.prune(2_000, retention).flows, 0)
})

test('an alert leaves with age, but not before its decision', (t) => {
  const store = testStore(t)
  store.insertDecision(testDecision({ createdAtMs: 0 }))
  const alerts = [0, 1].map((decisionNumber) => ({ evidence: testEvidence({ atMs: 0 }), decisionNumber }))
  store.append({ flows: [], scores: [], alerts })
  assert.equal(store.prune(8 * DAY_MS).alerts, 1)
  assert.equal(store.prune(1_000 * DAY_MS).decisions, 0)
  store.endDecision(1, 'lifted', DAY_MS)
  const last = store.prune(1_000 * DAY_MS)
  assert.deepEqual([last.decisions, last.alerts], [1, 1])
})
