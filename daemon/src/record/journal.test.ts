import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredFlow, testFlow } from '../detect/test-flow.js'
import { openStore, type Store } from './store.js'
import { at, storeFlows, temporaryPath, testEvidence, testStore } from './test-store.js'

test('a flow comes back as it was, IPv6 and every mark included', (t) => {
  const store = testStore(t)
  const flow = testFlow({
    kind: 'ended',
    seq: 9,
    src: '2001:db8::1',
    dst: '2001:db8::2',
    packetsBwd: 3,
    bytesFwd: 2 ** 40,
    tcpState: 'fin2',
    endReason: 'pressure',
    pathProven: true,
    firstBackward: true,
    firstIngress: false,
    isContinuation: true,
  })
  store.append({ flows: [flow], scores: [0.5], alerts: [] })
  assert.deepEqual(store.flows({}), { rows: [{ flow, score: 0.5, reasons: [] }], total: 1 })
})

test('opened records and transit flows are not stored', (t) => {
  const store = testStore(t)
  const flows = [testFlow(), answeredFlow({ isTransit: true })]
  store.append({ flows, scores: [Number.NaN, Number.NaN], alerts: [] })
  assert.equal(store.flows({}).total, 0)
})

for (const [name, orders] of [
  ['one batch', [[0, 1, 2]]],
  ['one batch, backwards', [[2, 1, 0]]],
  ['three batches', [[0], [1], [2]]],
  ['three batches, backwards', [[2], [1], [0]]],
] as const) {
  test(`the last record of a flow stays with its highest score: ${name}`, (t) => {
    const store = testStore(t)
    const first = answeredFlow({ seq: 1 })
    const records = [
      first,
      { ...first, seq: 2, packetsFwd: 8 },
      { ...first, seq: 3, packetsFwd: 9, kind: 'ended' as const },
    ]
    const scores = [Number.NaN, 0.7, 0.2]
    for (const order of orders) {
      store.append({ flows: order.map((i) => records[i]!), scores: order.map((i) => scores[i]!), alerts: [] })
    }
    assert.deepEqual(store.flows({}).rows, [{ flow: records[2], score: 0.7, reasons: [] }])
  })
}

test('a flow that was never scored has the score NaN', (t) => {
  const store = testStore(t)
  store.append({ flows: [answeredFlow()], scores: Float32Array.of(Number.NaN), alerts: [] })
  assert.ok(Number.isNaN(store.flows({}).rows[0]!.score))
})

test('flows are narrowed by either end, port and time, newest first with the total', (t) => {
  const store = testStore(t)
  const flows = [
    answeredFlow({ src: '10.0.0.1', dst: '192.0.2.1', dstPort: 22, startUs: 1_000_000 }),
    answeredFlow({ src: '192.0.2.1', dst: '10.255.255.255', srcPort: 22, startUs: 2_000_000 }),
    answeredFlow({ src: '11.0.0.0', dst: '192.0.2.2', startUs: 3_000_999 }),
    answeredFlow({ src: '2001:db8::1', dst: '2001:db8::2', startUs: 4_000_000 }),
  ]
  store.append({ flows, scores: [], alerts: [] })
  const found = (filter: Parameters<Store['flows']>[0]) =>
    store.flows(filter).rows.map(({ flow }) => flows.findIndex(({ id }) => id === flow.id))
  assert.deepEqual(found({}), [3, 2, 1, 0])
  assert.deepEqual(found({ target: at('10.0.0.0/8') }), [1, 0])
  assert.deepEqual(found({ target: at('192.0.2.1') }), [1, 0])
  assert.deepEqual(found({ target: at('2001:db8::/64') }), [3])
  assert.deepEqual(found({ port: 22 }), [1, 0])
  assert.deepEqual(found({ sinceMs: 2_000, untilMs: 3_000 }), [2, 1])
  assert.deepEqual(store.flows({ last: 1 }).total, 4)
})

test('alerts come back with number and decision, narrowed by all that they can be', (t) => {
  const store = testStore(t)
  const alerts = [
    { evidence: testEvidence({ atMs: 1_000 }), decisionNumber: 0 },
    {
      evidence: testEvidence({
        atMs: 2_000,
        source: '10.9.9.9',
        detector: 'syn_flood',
        severity: 'critical',
        flows: [testFlow({ dstPort: 2222 })],
        scores: [1],
      }),
      decisionNumber: 4,
    },
    { evidence: testEvidence({ atMs: 3_000, severity: 'low', source: '2001:db8::7' }), decisionNumber: 0 },
  ]
  const stored = store.append({ flows: [], scores: [], alerts })
  assert.deepEqual(
    stored,
    alerts.map((alert, i) => ({ ...alert, number: i + 1 })),
  )
  assert.deepEqual(store.alerts({}), { rows: stored.toReversed(), total: 3 })
  assert.deepEqual(store.alert(2), stored[1])
  assert.equal(store.alert(4), undefined)
  assert.deepEqual(store.alertsAfter(0, 2), stored.slice(0, 2))
  assert.deepEqual(store.alertsAfter(2, 10), [stored[2]])
  assert.deepEqual(store.alertsAfter(3, 10), [])
  const numbers = (filter: Parameters<Store['alerts']>[0]) =>
    store.alerts(filter).rows.map(({ number }) => number)
  assert.deepEqual(numbers({ port: 22 }), [3, 1])
  assert.deepEqual(numbers({ port: 2222 }), [2])
  assert.deepEqual(numbers({ target: at('10.9.0.0/16') }), [2])
  assert.deepEqual(numbers({ untilMs: 1_500 }), [1])
  assert.deepEqual(numbers({ detectors: ['login'] }), [3, 1])
  assert.deepEqual(numbers({ detectors: ['login', 'syn_flood'], severities: ['high', 'critical'] }), [2, 1])
  assert.deepEqual(numbers({ severities: ['medium'] }), [])
  assert.deepEqual(numbers({ detectors: [], severities: [] }), [3, 2, 1])
})

test('what an alert cites is stored with it, also a flow that has only begun, and says why', (t) => {
  const store = testStore(t, { flowWaitMs: 60_000 })
  const silent = testFlow()
  const waiting = answeredFlow({ seq: 1 })
  const other = answeredFlow()
  const later = { ...waiting, seq: 3, packetsFwd: 9 }
  store.append({ flows: [silent, later, other], scores: [Number.NaN, 0.3, 0.2], alerts: [] })
  const scan = testEvidence({
    detector: 'scan_vertical',
    flows: [silent, waiting],
    scores: [Number.NaN, 0.6],
  })
  const login = testEvidence({ flows: [waiting], scores: [0.6] })
  assert.equal(store.flowCounts().waiting, 2)
  store.append({
    flows: [],
    scores: [],
    alerts: [scan, login].map((evidence) => ({ evidence, decisionNumber: 0 })),
  })
  assert.equal(store.flowCounts().waiting, 1)
  assert.deepEqual(store.flow(silent.id), { flow: silent, score: Number.NaN, reasons: ['scan_vertical'] })
  assert.deepEqual(store.flow(later.id), { flow: later, score: 0.6, reasons: ['scan_vertical', 'login'] })
  const ended = { ...silent, kind: 'ended', seq: 1, endReason: 'timeout' } as const
  storeFlows(store, [ended])
  assert.deepEqual(store.flow(silent.id), { flow: ended, score: Number.NaN, reasons: ['scan_vertical'] })
})

test('anomalous flows are found by score or reason, whatever the threshold', (t) => {
  const store = testStore(t)
  const flows = Array.from({ length: 6 }, (_, i) => answeredFlow({ startUs: 1_000_000 + i }))
  const scores = [0.1, 0.3, 0.5, 0.9, Number.NaN, 0.2]
  storeFlows(store, flows, scores)
  const evidence = testEvidence({ flows: [flows[4]!, flows[5]!], scores: [] })
  store.append({ flows: [], scores: [], alerts: [{ evidence, decisionNumber: 0 }] })
  const found = (filter: Parameters<Store['flows']>[0]) => {
    const places = store.flows(filter).rows.map(({ flow }) => flows.findIndex(({ id }) => id === flow.id))
    assert.equal(store.flows({ ...filter, last: 1 }).total, places.length)
    const pages = store.flowsPage(filter, undefined, 10).rows.map(({ flow }) => flow.id)
    assert.deepEqual(
      pages,
      places.toReversed().map((place) => flows[place]!.id),
    )
    return places
  }
  assert.deepEqual(found({ minScore: 0.3 }), [3, 2, 1])
  assert.deepEqual(found({ minScore: 0.6 }), [3])
  assert.deepEqual(found({ anomalousFrom: 0.6 }), [5, 4, 3])
  assert.deepEqual(found({ anomalousFrom: 1 }), [5, 4])
  assert.deepEqual(found({ anomalousFrom: 0.25 }), [5, 4, 3, 2, 1])
  assert.deepEqual(found({ anomalousFrom: 0.5, minScore: 0.2, port: 80 }), [5, 3, 2])
  assert.deepEqual(found({ anomalousFrom: 0.5, port: 81 }), [])
})

test('of the features of a flow those of the highest score stay', (t) => {
  const store = testStore(t, { featureNames: ['a', 'b'] })
  const flow = answeredFlow()
  const add = (score: number, ...values: number[]) =>
    store.append({
      flows: [flow],
      scores: [score],
      alerts: [],
      features: [{ flowId: flow.id, score, values: Float64Array.from(values) }],
    })
  const stored = () => [...(store.features(flow.id)?.values ?? [])]
  assert.deepEqual(stored(), [])
  for (const isWritten of [false, true]) {
    add(Number.NaN, 1, 1)
    if (isWritten) store.flush()
    add(0.7, 2, 2)
    if (isWritten) store.flush()
    add(0.6, 3, 3)
    add(Number.NaN, 3, 3)
    assert.deepEqual(stored(), [2, 2])
  }
  add(0.7, 4, 5)
  assert.deepEqual(stored(), [4, 5])
  add(0.8, 4, 5, 6)
  assert.deepEqual(stored(), [4, 5])
})

test('features keep the names they were stored with when the columns change', async (t) => {
  const path = temporaryPath(t)
  const flows = [answeredFlow(), answeredFlow()]
  const sets = [['a', 'b'], ['b'], ['a', 'b']]
  for (const [i, featureNames] of sets.entries()) {
    const store = openStore({ path, featureNames })
    const flow = flows[i]
    if (flow !== undefined) {
      const values = Float32Array.from(featureNames, (_, place) => place + 0.5)
      store.append({
        flows: [flow],
        scores: [],
        alerts: [],
        features: [{ flowId: flow.id, score: 1, values }],
      })
    }
    await store.close()
  }
  const store = openStore({ path })
  t.after(() => store.close())
  assert.deepEqual(store.features(flows[0]!.id), { names: ['a', 'b'], values: Float32Array.of(0.5, 1.5) })
  assert.deepEqual(store.features(flows[1]!.id), { names: ['b'], values: Float32Array.of(0.5) })
})

test('a flow is shown at once, is written when it waited long enough, and when the store closes', async (t) => {
  const path = temporaryPath(t)
  const clock = { nowMs: 5_000 }
  const first = openStore({ path, uptimeMs: () => clock.nowMs })
  const [one, two, three] = [answeredFlow(), answeredFlow(), answeredFlow()]
  first.append({ flows: [one], scores: [], alerts: [] })
  clock.nowMs += 500
  first.append({ flows: [two, { ...one, seq: 2 }], scores: [], alerts: [] })
  assert.equal(first.flush(), 0)
  clock.nowMs += 500
  assert.equal(first.flush(), 0)
  clock.nowMs += 200
  assert.equal(first.flush(), 1)
  assert.deepEqual(first.flowCounts(), { waiting: 1, dropped: 0 })
  assert.equal(first.flows({}).total, 2)
  assert.deepEqual(first.flowCounts(), { waiting: 0, dropped: 0 })
  first.append({ flows: [three], scores: [], alerts: [] })
  await first.close()
  const second = openStore({ path })
  t.after(() => second.close())
  assert.equal(second.flows({}).total, 3)
  assert.equal(second.flow(one.id)?.flow.seq, 2)
})

for (const [count, nowMs, written] of [
  [100, 1_000, 0],
  [100, 1_199, 0],
  [100, 1_200, 100],
  [200, 999, 0],
  [200, 1_000, 128],
] as const) {
  test(`of ${count} flows that came at once ${written} are written after ${nowMs} ms`, (t) => {
    const clock = { nowMs: 0 }
    const store = testStore(t, { uptimeMs: () => clock.nowMs, flowWaitMs: 1_000 })
    store.append({ flows: Array.from({ length: count }, () => answeredFlow()), scores: [], alerts: [] })
    clock.nowMs = nowMs
    assert.equal(store.flush(0), written)
  })
}
