import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { testFlow } from '../detect/test-flow.js'
import type { Decision, EntryHits, Mode } from '../enforce/decision.js'
import { testAllow } from '../enforce/test-enforcer.js'
import { leadOf } from '../policy/lead.js'
import type { NewDecision } from '../record/decision-table.js'
import { storeFlows, testDecision, testEvidence, testStore } from '../record/test-store.js'
import { type ModePlanOptions, planMode } from './plan-mode.js'

const NOW_MS = 1_010_000

/** Each decision has met 10 packets for each of its number. */
function world(
  t: TestContext,
  mode: Mode,
  given: readonly Partial<NewDecision>[],
  change: Partial<Pick<ModePlanOptions, 'tripped' | 'isDropOnly'>> = {},
) {
  const store = testStore(t)
  for (const one of given) store.insertDecision(testDecision(one))
  const hits = ({ number }: Decision): EntryHits => ({
    packets: number * 10,
    bytes: number * 600,
    lastSeenMs: 0,
  })
  const allow = testAllow('10.77.0.4', 'operator')
  const enforcer = {
    mode,
    active: () => store.activeDecisions(),
    hits,
    coveringAllow: ({ text }: { text: string }) => (text === allow.target ? allow : undefined),
  }
  const rooms = { leadOf, tripped: () => [], isDropOnly: () => true, ...change }
  const options = { store, enforcer, isForwarding: () => false, nowMs: () => NOW_MS, ...rooms }
  return {
    store,
    plan: (wanted: Mode, sinceMs = 0) => planMode(options, wanted, sinceMs, () => true),
  }
}

const counted = { kind: 'would_block', action: 'count', mode: 'detect' } as const

test('prevent would have dropped what would-be blocks of detect counted', async (t) => {
  const { store, plan } = world(t, 'detect', [
    { ...counted, target: '10.77.0.1' },
    { ...counted, target: '10.77.0.2', origin: 'model' },
    { ...counted, target: '10.77.0.3', kind: 'spoofable' },
    { target: '10.77.0.3', origin: 'operator' },
    { ...counted, target: '10.77.0.4' },
    { target: '10.77.0.5' },
  ])
  store.endDecision(1, 'expired', 1_005_000)
  const found = await plan('prevent')
  assert.deepEqual(
    found.decisions.map(({ decision, isAtOnce }) => [decision.number, isAtOnce]),
    [
      [6, true],
      [5, false],
      [2, false],
      [1, false],
    ],
  )
  // What an allow entry covers by now is not dropped any more.
  assert.deepEqual([found.packets, found.bytes, found.decisionsTotal], [90, 5_400, 4])
  assert.deepEqual([found.isAtMost, found.spoofableTotal, found.heldTotal], [false, 1, 0])
  assert.deepEqual([found.before, found.atOnceTotal, found.isPartial], ['detect', 1, false])
  assert.equal(found.decisions[1]?.allowedBy?.target, '10.77.0.4')
})

test('detect would have let through what blocks dropped, and those that stand change at once', async (t) => {
  const { plan } = world(t, 'prevent', [counted, { target: '10.77.0.5' }])
  const found = await plan('detect')
  assert.deepEqual(
    found.decisions.map(({ decision, isAtOnce }) => [decision.number, isAtOnce]),
    [[2, true]],
  )
  assert.equal((await plan('prevent')).atOnceTotal, 0, 'it is so already')
})

test('what was made before the time and has ended is left out', async (t) => {
  const { store, plan } = world(t, 'detect', [
    { ...counted, createdAtMs: 900_000 },
    { ...counted, createdAtMs: 900_000 },
  ])
  store.endDecision(1, 'expired', 901_000)
  assert.deepEqual(
    (await plan('prevent', 950_000)).decisions.map(({ decision }) => decision.number),
    [2],
  )
})

test('a target with an open flow of a proven path is live', async (t) => {
  const { store, plan } = world(t, 'detect', [
    { ...counted, target: '10.77.0.1' },
    { ...counted, target: '10.77.0.2' },
  ])
  const startUs = (NOW_MS - 5_000) * 1_000
  const open = { kind: 'snapshot', pathProven: true, packetsBwd: 1, startUs } as const
  storeFlows(store, [testFlow({ ...open, src: '10.77.0.1', dst: '10.77.0.9' })])
  const found = await plan('prevent')
  assert.deepEqual(
    found.decisions.map(({ decision, isLive }) => [decision.number, isLive]),
    [
      [1, true],
      [2, false],
    ],
  )
  assert.equal(found.liveTotal, 1)
})

test('what a breaker held, and what one holds now, prevent does not drop', async (t) => {
  const evidence = (detector: 'scan_vertical' | 'login') => [testEvidence({ detector, points: 100 })]
  const rows = [
    { ...counted, target: '10.77.0.1', mode: 'prevent' },
    { ...counted, target: '10.77.0.2', evidence: evidence('scan_vertical') },
    { ...counted, target: '10.77.0.3', evidence: evidence('login') },
  ] as const
  const held = world(t, 'detect', rows, { tripped: () => ['scan_vertical'] })
  const found = await held.plan('prevent')
  assert.deepEqual(
    found.decisions.map(({ decision }) => decision.target),
    ['10.77.0.3'],
  )
  assert.deepEqual([found.packets, found.heldTotal, found.tripped], [30, 1, ['scan_vertical']])
  const free = await world(t, 'detect', rows).plan('prevent')
  assert.deepEqual([free.packets, free.heldTotal, free.tripped], [50, 0, []])
})

test('a ladder that begins with less than a drop makes the count an upper bound', async (t) => {
  const rows = [{ ...counted, target: '10.77.0.1' }]
  assert.equal((await world(t, 'detect', rows, { isDropOnly: () => false }).plan('prevent')).isAtMost, true)
  const limited = [
    { target: '10.77.0.1', action: 'limit', limit: { unit: 'packets', perSecond: 9 } },
  ] as const
  assert.equal((await world(t, 'prevent', limited).plan('detect')).isAtMost, true)
})
