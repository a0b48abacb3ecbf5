import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredFlow } from '../detect/test-flow.js'
import { openStore } from './store.js'
import { storeFlows, temporaryPath, testDecision, testEvidence } from './test-store.js'

test('on a full disk flows wait, the oldest are lost and counted, and it goes on when there is room', (t) => {
  const clock = { nowMs: 0 }
  const path = temporaryPath(t)
  const store = openStore({
    ...{ path, uptimeMs: () => clock.nowMs, flowWaitMs: 0 },
    ...{ maxFileBytes: 400_000, maxWaitingFlows: 4_000 },
  })
  t.after(() => store.close().catch(() => {}))
  const full = { code: 'ERR_STORE_FULL', message: /there is no room left/ }
  const flows = Array.from({ length: 10_000 }, (_, i) => answeredFlow({ startUs: 1_000_000 + i }))
  store.append({ flows: flows.slice(0, 4_000), scores: [], alerts: [] })
  assert.throws(() => store.flush(Number.POSITIVE_INFINITY), {
    ...full,
    message: /flush failed: there is no room/,
  })
  const written = store.flows({}).total
  const { waiting } = store.flowCounts()
  assert.deepEqual([written + waiting, store.flowCounts().dropped], [4_000, 0])
  assert.ok(written > 0 && waiting > 0, `${written} written, ${waiting} wait`)

  // For a second nothing is tried, and nothing is thrown.
  assert.equal(store.flush(), 0)
  clock.nowMs += 999
  assert.equal(store.flush(), 0)
  clock.nowMs += 1
  assert.throws(() => store.flush(), full)

  store.append({ flows: flows.slice(4_000), scores: [], alerts: [] })
  const { waiting: still, dropped } = store.flowCounts()
  assert.ok(still <= 4_000)
  assert.equal(written + still + dropped, 10_000)
  assert.throws(
    () => {
      for (;;)
        store.append({ flows: [], scores: [], alerts: [{ evidence: testEvidence(), decisionNumber: 0 }] })
    },
    { ...full, message: /append failed/ },
  )

  while (!store.prune(1_000_000 + 20_000, { maxBytes: 150_000 }).isDone);
  clock.nowMs += 1_000
  assert.ok(store.flush() > 0)
  assert.equal(store.flowCounts().dropped, dropped)
  assert.equal(store.flow(flows[9_999]!.id)?.flow.id, flows[9_999]!.id)
})

test('a store that is full is read as far as it goes', (t) => {
  const store = openStore({ path: temporaryPath(t), flowWaitMs: 0, maxFileBytes: 300_000 })
  t.after(() => store.close().catch(() => {}))
  const flows = Array.from({ length: 5_000 }, () => answeredFlow())
  store.insertDecision(testDecision())
  assert.throws(() => storeFlows(store, flows), { code: 'ERR_STORE_FULL' })
  const { total } = store.flows({})
  assert.ok(total > 0 && total < 5_000, `${total} flows`)
  assert.equal(store.activeDecisions().length, 1)
})
