import assert from 'node:assert/strict'
import { test } from 'node:test'
import { answeredFlow, testFlow } from '../detect/test-flow.js'
import type { Store } from './store.js'
import { at, testEvidence, testStore } from './test-store.js'

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
  assert.deepEqual(store.flows({}), { rows: [{ flow, score: 0.5 }], total: 1 })
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
    assert.deepEqual(store.flows({}).rows, [{ flow: records[2], score: 0.7 }])
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

test('alerts come back with number and decision, narrowed by source, port and time', (t) => {
  const store = testStore(t)
  const alerts = [
    { evidence: testEvidence({ atMs: 1_000 }), decisionNumber: 0 },
    {
      evidence: testEvidence({
        atMs: 2_000,
        source: '10.9.9.9',
        flows: [testFlow({ dstPort: 2222 })],
        scores: [1],
      }),
      decisionNumber: 4,
    },
  ]
  const stored = store.append({ flows: [], scores: [], alerts })
  assert.deepEqual(stored, [
    { ...alerts[0], number: 1 },
    { ...alerts[1], number: 2 },
  ])
  assert.deepEqual(store.alerts({}), { rows: stored.toReversed(), total: 2 })
  const numbers = (filter: Parameters<Store['alerts']>[0]) =>
    store.alerts(filter).rows.map(({ number }) => number)
  assert.deepEqual(numbers({ port: 22 }), [1])
  assert.deepEqual(numbers({ port: 2222 }), [2])
  assert.deepEqual(numbers({ target: at('10.9.0.0/16') }), [2])
  assert.deepEqual(numbers({ untilMs: 1_500 }), [1])
})
