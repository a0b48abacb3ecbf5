import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { loadConfig } from './config/load-config.js'
import { droppedIndex } from './enforce/codes.js'
import type { PanicState } from './enforce/panic.js'
import { enforcerWorld, at as target, testAllow, testOrder, testVerdict } from './enforce/test-enforcer.js'
import { featureColumns } from './features/columns.js'
import type { KernelCounters } from './kernel/counters.js'
import type { InterfaceState } from './kernel/interface-set.js'
import type { Kernel } from './kernel/kernel.js'
import type { Pipeline, PipelineCounts } from './pipeline.js'
import type { BreakerState } from './policy/breaker.js'
import { sampleEvidence, sampleFlow } from './publish/fake-view.js'
import { createFeed } from './publish/feed.js'
import type { DecisionChange } from './publish/handlers.js'
import { createMeters } from './publish/meters.js'
import type { AlertRow, Filter, FlowRow } from './publish/view.js'
import type { Store } from './record/store.js'
import type { Scorer, ScorerState } from './score/scorer.js'
import { createView } from './view.js'
import { mapSizes } from './wiring/start.js'

function countersOf(given: Partial<KernelCounters>): KernelCounters {
  return {
    packets: [1, 2, 3, 4],
    bytes: [10, 20, 30, 40],
    dropped: Array.from({ length: 64 }, () => 0),
    lost: {
      tableFull: 1,
      lockMissed: 2,
      overBudget: 3,
      urgentRing: 4,
      bulkRing: 5,
      tombstone: 6,
      sourceSlot: 7,
    },
    unparsed: { arp: 9 },
    exemptNd: 8,
    wouldDrop: 12,
    allowed: 13,
    newFlows: 14,
    ended: { timeout: 15, syn: 16, icmp: 17, pressure: 18, flush: 19 },
    ...given,
  } as KernelCounters
}

function world(t: TestContext, features: Store['features'] = () => undefined) {
  const { enforcer, blockList, store: plainStore, time } = enforcerWorld(t)
  const store = { ...plainStore, features }
  const config = loadConfig({ argv: ['--iface', 'eth0'], env: {} }).config
  const states: InterfaceState[] = [
    { name: 'eth0', ifindex: 2, xdpMode: 'native', egressHook: 'tcx', frags: true },
    { name: 'eth1', ifindex: 3, xdpMode: 'native', egressHook: 'tcx', frags: true },
  ]
  const counters = countersOf({})
  const scorer = { isLoaded: true, problem: '', missingFeatures: [], oddScores: 14 } as unknown as {
    -readonly [K in keyof ScorerState]: ScorerState[K]
  }
  const counts: PipelineCounts = {
    flowRecords: { opened: 1, snapshot: 2, ended: 3 },
    unknownRecords: 11,
    unstored: 0,
    guarded: 0,
    silenced: 0,
    failures: 13,
  }
  const meters = createMeters()
  const suspects = new Map<string, number>()
  const settings = { leaseUs: 0, beatBootUs: 0 }
  const panic: { state: PanicState | undefined } = { state: undefined }
  const tripped: BreakerState[] = []
  const events = { written: 3, lost: 0 }
  const privilege = { user: 'root', uid: 0, capabilities: [], problem: '' }
  const { view, snapshot } = createView({
    kernel: {
      interfaces: { states: () => states, paths: () => [1, 2], nameOf: (ifindex: number) => `eth${ifindex}` },
      blockList,
      counters: () => counters,
      flowCount: () => 42,
      tombstones: () => 5,
      clocks: () => ({ bootUs: time.bootMs * 1000 }),
      settings,
    } as unknown as Kernel,
    version: '1.0.0',
    startedAtMs: time.wallMs,
    config: () => config,
    sizes: mapSizes(config),
    enforcer,
    panic,
    breakers: { states: () => tripped },
    lists: { states: () => [], entries: () => undefined, holding: () => [], unloaded: [], kernelBytes: 0 },
    configuredAllow: () => [],
    listsToCome: async function* () {},
    listImportFailures: () => 0,
    scheduledLists: () => [],
    calibration: { run: undefined, site: undefined, isModelFitted: () => false },
    privilege: { state: () => privilege, problem: privilege.problem },
    store,
    scorer: { state: () => scorer } as Scorer,
    pipeline: { counts: () => counts } as Pipeline,
    detectors: () => ({ sources: 21, evicted: 22 }),
    policy: () => ({
      ...{ sources: 23, evicted: 24 },
      suspects: () => [...suspects.keys()],
      points: (source) => suspects.get(source) ?? 0,
    }),
    feeds: {
      flows: createFeed<FlowRow>(),
      decisions: createFeed<DecisionChange>(),
      alerts: createFeed<AlertRow>(),
    },
    meters,
    events: () => events,
  })
  return {
    ...{ view, snapshot, enforcer, blockList, states, scorer, counters, config, time },
    ...{ store, meters, suspects, events, settings, panic, tripped },
  }
}

const everything: Filter = {
  ...{ sinceMs: 0, untilMs: 0, target: undefined, port: 0, last: 100 },
  ...{ minScore: 0, isAnomalous: false, detector: undefined, minSeverity: undefined },
}

test('traffic keeps directions and verdicts apart', (t) => {
  assert.deepEqual(world(t).view.status().traffic, {
    ingress: { passed: { packets: 1, bytes: 10 }, dropped: { packets: 2, bytes: 20 } },
    egress: { passed: { packets: 3, bytes: 30 }, dropped: { packets: 4, bytes: 40 } },
  })
})

test('every cause of loss is named, from the kernel to a step that failed', (t) => {
  assert.deepEqual(world(t).view.status().lost, {
    table_full: 1,
    lock_missed: 2,
    over_budget: 3,
    urgent_ring_full: 4,
    bulk_ring_full: 5,
    tombstone_dropped: 6,
    source_slot_taken: 7,
    unknown_record: 11,
    not_stored: 0,
    step_failed: 13,
    odd_score: 14,
  })
})

test('the room for flows is that of all interfaces together, the room for blocks is shared', (t) => {
  const { view, config, enforcer } = world(t)
  enforcer.block(testOrder('10.0.0.1'))
  enforcer.block(testOrder('10.0.0.0/8'))
  enforcer.addAllow(target('192.0.2.7'), testAllow('192.0.2.7', 'operator'))
  const maps = new Map(view.status().maps.map((map) => [map.name, map]))
  assert.deepEqual([maps.get('flows')?.entries, maps.get('flows')?.capacity], [42, config.kernel.flows * 2])
  assert.deepEqual([maps.get('blocks')?.entries, maps.get('blocks')?.capacity], [1, config.kernel.blocks])
  assert.equal(maps.get('prefixes')?.entries, 1)
  assert.equal(maps.get('allows')?.entries, 1)
  assert.equal(maps.get('tombstones')?.entries, 5)
})

test('warnings tell of generic mode, an interface that is gone, and a model that did not load', (t) => {
  const { view, states, scorer } = world(t)
  assert.deepEqual(view.status().warnings, [])
  states[0] = { ...(states[0] as InterfaceState), xdpMode: 'generic' }
  states[1] = { ...(states[1] as InterfaceState), xdpMode: 'down' }
  scorer.isLoaded = false
  scorer.problem = 'wrong hash'
  scorer.missingFeatures = ['Weather']
  const warnings = view.status().warnings.join('\n')
  assert.match(warnings, /eth0: XDP runs in generic mode/)
  assert.match(warnings, /eth1: the interface is gone/)
  assert.match(warnings, /no model: wrong hash/)
  assert.match(warnings, /features that idsd does not compute, always 0: Weather/)
})

test('a decision shows its hits while it runs and after it ended', (t) => {
  const { view, enforcer, blockList, time } = world(t)
  const made = enforcer.block(testOrder('10.0.0.1'))
  blockList.hit('10.0.0.1', time.bootMs * 1000)
  assert.equal(view.hits(made)?.packets, 1)
  assert.equal(view.inKernel(made), true)
  enforcer.lift([made], 'uid:0')
  assert.equal(view.hits(made)?.packets, 1)
  assert.equal(view.inKernel(made), false)
  assert.equal(view.decision(made.number)?.state, 'lifted')
})

test('metrics count active decisions by origin and action, and drops by origin and reason', (t) => {
  const { snapshot, enforcer, counters } = world(t)
  enforcer.block(testOrder('10.0.0.1'))
  enforcer.block(testOrder('10.0.0.2', { action: 'count' }))
  enforcer.enforce(testVerdict('10.0.0.3'))
  ;(counters.dropped as number[])[droppedIndex('detector', 'scan')] = 77
  const { decisions, dropped } = snapshot()
  assert.deepEqual(decisions, { operator: { drop: 1, count: 1 }, detector: { drop: 1 } })
  assert.deepEqual(
    dropped.filter(({ packets }) => packets > 0),
    [{ origin: 'detector', reason: 'scan', packets: 77 }],
  )
})

test('alerts and the time to a block are those that were metered', (t) => {
  const { view, snapshot, meters } = world(t)
  meters.countAlerts([sampleEvidence(), sampleEvidence({ severity: 'low' })])
  meters.observeTimeToBlock(0.002)
  assert.equal(view.status().alertsTotal, 2)
  const { alerts, timeToBlock, sources, events } = snapshot()
  assert.deepEqual([alerts.login.high, alerts.login.low], [1, 1])
  assert.equal(timeToBlock.count, 1)
  assert.deepEqual(sources, { detect: { held: 21, evicted: 22 }, policy: { held: 23, evicted: 24 } })
  assert.equal(events.written, 3)
})

test('a warning tells of events that the file did not take', (t) => {
  const { view, events } = world(t)
  events.lost = 1
  assert.match(view.status().warnings.join('\n'), /the event file did not take everything/)
})

test('suspects come with most points first, and no more than were asked for', (t) => {
  const { view, suspects } = world(t)
  for (const [source, points] of [
    ['192.0.2.1', 5] as const,
    ['192.0.2.2', 60] as const,
    ['192.0.2.3', 30] as const,
  ])
    suspects.set(source, points)
  assert.deepEqual(view.suspects(2), [
    { source: '192.0.2.2', points: 60 },
    { source: '192.0.2.3', points: 30 },
  ])
})

test('the newest decisions come first, however many there are', (t) => {
  const { view, enforcer } = world(t)
  for (let i = 1; i <= 1_200; i++) enforcer.block(testOrder(`10.0.${i >> 8}.${i & 255}`))
  const newest = view.newestDecisions(3).map(({ number }) => number)
  assert.deepEqual(newest, [1_200, 1_199, 1_198])
})

test('alerts are narrowed by detector and by the least severity', (t) => {
  const { view, store } = world(t)
  const raise = (change: object) =>
    store.append({ flows: [], scores: [], alerts: [{ evidence: sampleEvidence(change), decisionNumber: 0 }] })
  raise({ severity: 'low' })
  raise({ severity: 'high' })
  raise({ severity: 'critical', detector: 'syn_flood' })
  const found = (change: Partial<Filter>) =>
    view.alerts({ ...everything, ...change }).rows.map(({ evidence }) => evidence.severity)
  assert.deepEqual(found({}), ['critical', 'high', 'low'])
  assert.deepEqual(found({ minSeverity: 'medium' }), ['critical', 'high'])
  assert.deepEqual(found({ detector: 'login' }), ['high', 'low'])
  assert.equal(view.alert(1)?.evidence.severity, 'low')
})

test('flows that stand out are those from the threshold on, and those that evidence cites', (t) => {
  const { view, store, scorer } = world(t)
  scorer.threshold = 0.9
  const flows = [1, 2, 3].map((id) => sampleFlow({ id, lastUs: 1_700_000_000_000_000 + id }))
  const cited = { evidence: sampleEvidence({ flows: [flows[2]!], scores: [0.2] }), decisionNumber: 0 }
  store.append({ flows, scores: [0.95, 0.5, 0.2], alerts: [cited] })
  const found = (change: Partial<Filter>) =>
    view.flows({ ...everything, ...change }).rows.map(({ flow }) => flow.id)
  assert.deepEqual(found({ isAnomalous: true }), [3, 1])
  assert.deepEqual(found({ minScore: 0.5 }), [2, 1])
})

test('an export gives every flow once, oldest first, over any number of pages, and ends before now', (t) => {
  const { view, store } = world(t)
  const flows = Array.from({ length: 2_500 }, (_, i) =>
    sampleFlow({ id: i + 1, lastUs: 1_700_000_000_000_000 + i }),
  )
  const later = sampleFlow({ id: 9_999, lastUs: (Date.now() + 60_000) * 1_000 })
  store.append({ flows: [...flows, later], scores: [], alerts: [] })
  while (store.flowCounts().waiting > 0) store.flows({ last: 1 })
  const { featureNames, next } = view.exportFlows(everything, false)
  const ids: number[] = []
  for (let rows = next(); rows !== undefined; rows = next()) ids.push(...rows.map(({ flow }) => flow.id))
  assert.deepEqual(
    ids,
    flows.map(({ id }) => id),
  )
  assert.deepEqual(featureNames, [])
  assert.equal(next(), undefined)
})

test('features of an export stand under their names, whatever was stored; a flow without has none', (t) => {
  const stored = {
    names: ['Flow IAT Mean', 'a column of old', 'Flow Duration'],
    values: Float32Array.of(7, 8, 9),
  }
  const { view, store } = world(t, (flowId) => (flowId === 1 ? stored : undefined))
  store.append({ flows: [1, 2].map((id) => sampleFlow({ id })), scores: [], alerts: [] })
  const { featureNames, next } = view.exportFlows(everything, true)
  const [first, second] = next() ?? []
  const at = (name: string) => first?.features?.[featureNames.indexOf(name)]
  assert.deepEqual(['Flow IAT Mean', 'Flow Duration', 'Total Fwd Packets'].map(at), [7, 9, Number.NaN])
  assert.equal(featureNames.length, featureColumns.length)
  assert.equal(second?.features, undefined)
})

test('an automatic decision is lapsed exactly while the beat is older than the lease, an operator’s never', (t) => {
  const { view, enforcer, settings, time } = world(t)
  const automatic = enforcer.enforce(testVerdict('10.0.0.1'))
  const manual = enforcer.block(testOrder('10.0.0.2'))
  settings.leaseUs = 60_000_000
  settings.beatBootUs = time.bootMs * 1000
  assert.deepEqual([view.isLapsed(automatic), view.isLapsed(manual)], [false, false])
  time.pass(60_000)
  assert.deepEqual([view.isLapsed(automatic), view.isLapsed(manual)], [true, false])
  settings.leaseUs = 0
  assert.equal(view.isLapsed(automatic), false)
})

test('a panic is in the status and in the metrics', (t) => {
  const { view, snapshot, panic } = world(t)
  assert.deepEqual([view.status().panic, snapshot().isPanic], [undefined, false])
  panic.state = { sinceMs: 1, untilMs: 0, by: 'alice', reason: '' }
  assert.deepEqual([view.status().panic, snapshot().isPanic], [panic.state, true])
})

test('a tripped breaker is in the status and in the metrics', (t) => {
  const { view, snapshot, tripped } = world(t)
  assert.deepEqual([view.status().breakers, snapshot().tripped], [[], []])
  const state = { origin: 'login', trippedAtMs: 1, untilMs: 2, lengthMs: 1, why: '3 blocks' } as const
  tripped.push(state)
  assert.deepEqual([view.status().breakers, snapshot().tripped], [[state], ['login']])
})
