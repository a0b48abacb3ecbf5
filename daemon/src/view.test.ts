import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { loadConfig } from './config/load-config.js'
import { droppedIndex } from './enforce/codes.js'
import { enforcerWorld, at as target, testAllow, testOrder, testVerdict } from './enforce/test-enforcer.js'
import type { KernelCounters } from './kernel/counters.js'
import type { InterfaceState } from './kernel/interface-set.js'
import type { Kernel } from './kernel/kernel.js'
import type { Pipeline, PipelineCounts } from './pipeline.js'
import { createFeed } from './publish/feed.js'
import type { DecisionChange } from './publish/handlers.js'
import type { FlowRow } from './publish/view.js'
import type { Scorer, ScorerState } from './score/scorer.js'
import { mapSizes } from './start.js'
import { createView } from './view.js'

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

function world(t: TestContext) {
  const { enforcer, blockList, store, time } = enforcerWorld(t)
  const config = loadConfig({ argv: ['--iface', 'eth0'], env: {} }).config
  const states: InterfaceState[] = [
    { name: 'eth0', ifindex: 2, xdpMode: 'native', egressHook: 'tcx', frags: true },
    { name: 'eth1', ifindex: 3, xdpMode: 'native', egressHook: 'tcx', frags: true },
  ]
  const counters = countersOf({})
  const scorer = { isLoaded: true, problem: '' } as { -readonly [K in keyof ScorerState]: ScorerState[K] }
  const counts: PipelineCounts = {
    flowRecords: { opened: 1, snapshot: 2, ended: 3 },
    alerts: { scan_vertical: 4, login: 5, model: 6 },
    unknownRecords: 11,
    unstored: 0,
    guarded: 0,
    failures: 13,
  }
  const { view, snapshot } = createView({
    kernel: {
      interfaces: { states: () => states, paths: () => [1, 2], nameOf: (ifindex: number) => `eth${ifindex}` },
      blockList,
      counters: () => counters,
      flowCount: () => 42,
      tombstones: () => 5,
    } as unknown as Kernel,
    version: '1.0.0',
    startedAtMs: time.wallMs,
    config: () => config,
    sizes: mapSizes(config),
    enforcer,
    store,
    scorer: { state: () => scorer } as Scorer,
    pipeline: { counts: () => counts } as Pipeline,
    feeds: { flows: createFeed<FlowRow>(), decisions: createFeed<DecisionChange>() },
  })
  return { view, snapshot, enforcer, blockList, states, scorer, counters, config, time }
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
  const warnings = view.status().warnings.join('\n')
  assert.match(warnings, /eth0: XDP runs in generic mode/)
  assert.match(warnings, /eth1: the interface is gone/)
  assert.match(warnings, /no model: wrong hash/)
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
