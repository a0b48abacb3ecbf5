import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowRecord } from '../decode/flow-record.js'
import { answeredFlow } from '../detect/test-flow.js'
import type { Store } from './store.js'
import { DAY_MS, storeFlows, testDecision, testEvidence, testStore } from './test-store.js'

test('pruning takes out the oldest flows first, in steps, until the age holds', (t) => {
  const store = testStore(t)
  const flows = Array.from({ length: 10 }, (_, i) => answeredFlow({ startUs: i * DAY_MS * 1_000 }))
  storeFlows(store, flows)
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
  storeFlows(store, flows)
  const retention = { maxBytes: 300_000, maxRows: 500 }
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
  assert.equal(store.alert(2), undefined)
})

/** Names of the flows that are left, in the order of time. */
function left(store: Store, flows: Readonly<Record<string, FlowRecord>>): string[] {
  const names = new Map(Object.entries(flows).map(([name, { id }]) => [id, name]))
  return store.flowsPage({}, undefined, 100).rows.map(({ flow }) => names.get(flow.id)!)
}

test('for room benign flows leave first, then anomalous, the oldest first, what is fresh and decisions last', (t) => {
  const store = testStore(t)
  const nowMs = 10 * DAY_MS
  const at = (agoMs: number) => answeredFlow({ startUs: (nowMs - agoMs) * 1_000 })
  const hourMs = 3_600_000
  const flows = {
    pinned: at(9 * hourMs),
    oldHit: at(8 * hourMs),
    oldCited: at(7 * hourMs),
    oldBenign: at(6 * hourMs),
    laterHit: at(5 * hourMs),
    laterBenign: at(4 * hourMs),
    freshHit: at(2_000),
    freshBenign: at(1_000),
  }
  const hits: readonly FlowRecord[] = [flows.oldHit, flows.laterHit, flows.freshHit]
  const all = Object.values(flows)
  storeFlows(
    store,
    all,
    all.map((flow) => (hits.includes(flow) ? 0.9 : 0.1)),
  )
  const { number } = store.insertDecision(testDecision({ createdAtMs: nowMs - 9 * hourMs }))
  const alert = (cited: FlowRecord, decisionNumber: number) => ({
    evidence: testEvidence({ flows: [cited], scores: [Number.NaN], atMs: nowMs - hourMs }),
    decisionNumber,
  })
  store.append({
    flows: [],
    scores: [],
    alerts: [alert(flows.pinned, number), alert(flows.oldCited, 0)],
  })

  const seen: string[][] = []
  for (let calls = 0; calls < 50; calls++) {
    const { isDone } = store.prune(nowMs, { maxBytes: 1, maxRows: 1 })
    const names = left(store, flows)
    if (names.length !== seen.at(-1)?.length) seen.push(names)
    if (isDone) break
  }
  const gone = seen.map((names, i) =>
    (seen[i - 1] ?? Object.keys(flows)).filter((name) => !names.includes(name)),
  )
  assert.deepEqual(gone.flat(), [
    ...['oldBenign', 'laterBenign', 'oldHit', 'oldCited', 'laterHit', 'freshBenign', 'freshHit'],
  ])
  assert.deepEqual(left(store, flows), ['pinned'])
  assert.deepEqual(
    store.alerts({}).rows.map(({ decisionNumber }) => decisionNumber),
    [number],
  )
  assert.equal(store.decision(number)?.state, 'active')

  store.endDecision(number, 'lifted', nowMs)
  while (!store.prune(nowMs + 1, { maxBytes: 1 }).isDone);
  while (!store.prune(nowMs + 1, { maxBytes: 1 }).isDone);
  assert.equal(store.decision(number), undefined)
  assert.equal(store.alerts({}).total, 0)
  assert.deepEqual(left(store, flows), [])
})

test('flows that have to stay do not keep younger ones from leaving with age', (t) => {
  const store = testStore(t)
  const flows = Array.from({ length: 30 }, (_, i) => answeredFlow({ startUs: i * 1_000_000 }))
  storeFlows(store, flows)
  store.insertDecision(testDecision())
  const evidence = testEvidence({ flows: flows.slice(0, 20), scores: [] })
  store.append({ flows: [], scores: [], alerts: [{ evidence, decisionNumber: 1 }] })
  let calls = 1
  while (!store.prune(8 * DAY_MS, { maxRows: 5 }).isDone) calls++
  assert.equal(store.flows({}).total, 20)
  assert.ok(calls < 12, `${calls} calls`)
})

test('features leave with their flow', (t) => {
  const store = testStore(t, { featureNames: ['a', 'b'] })
  const flow = answeredFlow({ startUs: 1_000_000 })
  store.append({
    flows: [flow],
    scores: [0.9],
    alerts: [],
    features: [{ flowId: flow.id, score: 0.9, values: Float64Array.of(1, 2) }],
  })
  assert.deepEqual(store.features(flow.id), { names: ['a', 'b'], values: Float32Array.of(1, 2) })
  assert.equal(store.prune(8 * DAY_MS).flows, 1)
  assert.equal(store.features(flow.id), undefined)
})
