/** Joins the rooms into what gRPC and Prometheus read. Reads only. */

import type { Breakers } from './breakers.js'
import type { Config } from './config/config.js'
import type { Detectors } from './detect/detectors.js'
import { droppedIndex, originNames, reasonNames } from './enforce/codes.js'
import type { Action, Decision, Origin } from './enforce/decision.js'
import type { Enforcer } from './enforce/enforcer.js'
import type { Panic } from './enforce/panic.js'
import { asRecordFilter, exportFlows } from './flow-export.js'
import type { KernelCounters } from './kernel/counters.js'
import { type MapSizes, mapBytes } from './kernel/data-path.js'
import type { Kernel } from './kernel/kernel.js'
import { isLapsed } from './kernel/settings.js'
import type { Pipeline } from './pipeline.js'
import { planBlock } from './plan/plan-block.js'
import { planMode } from './plan/plan-mode.js'
import type { Policy } from './policy/policy.js'
import type { EventFileCounts } from './publish/event-file.js'
import type { Feeds } from './publish/handlers.js'
import type { Meters } from './publish/meters.js'
import type { MetricsSnapshot } from './publish/metrics-snapshot.js'
import type { Filter, MapView, ModelView, StatusView, Traffic, View } from './publish/view.js'
import type { Store } from './record/store.js'
import type { Scorer } from './score/scorer.js'
import { createWhy } from './why.js'

export interface ViewOptions {
  readonly kernel: Kernel
  readonly version: string
  readonly startedAtMs: number
  readonly config: () => Config
  readonly sizes: MapSizes
  readonly enforcer: Enforcer
  readonly panic: Pick<Panic, 'state'>
  readonly breakers: Pick<Breakers, 'states'>
  readonly store: Pick<
    Store,
    | 'flows'
    | 'flow'
    | 'flowsPage'
    | 'features'
    | 'alerts'
    | 'alert'
    | 'decisions'
    | 'flowCounts'
    | 'auditRows'
  >
  readonly scorer: Scorer
  readonly pipeline: Pipeline
  readonly detectors: () => Pick<Detectors, 'sources' | 'evicted'>
  readonly policy: () => Pick<Policy, 'sources' | 'evicted' | 'suspects' | 'points'>
  readonly feeds: Feeds
  readonly meters: Meters
  /** Of the event file; undefined when there is none. */
  readonly events: () => EventFileCounts | undefined
}

export function createView(options: ViewOptions): { view: View; snapshot: () => MetricsSnapshot } {
  const { kernel, version, startedAtMs, config, sizes, enforcer, store } = options
  const { interfaces, blockList } = kernel
  const { scorer, pipeline, detectors, policy, feeds, meters, events } = options

  const planOptions = {
    store,
    enforcer,
    allows: () => enforcer.allowEntries().filter(({ source }) => source !== 'automatic'),
    isForwarding: () => interfaces.states().length > 1,
    nowMs: () => Date.now(),
  }

  const recordFilter = (filter: Filter) => asRecordFilter(filter, scorer.state().threshold)

  const newestDecisions = (count: number): Decision[] => {
    // Only the newest are kept while going through them: there may be very many.
    let newest: Decision[] = []
    const trim = () => {
      newest = newest.sort((a, b) => b.number - a.number).slice(0, count)
    }
    for (const decision of enforcer.active()) {
      newest.push(decision)
      if (newest.length >= count * 2 + 1_000) trim()
    }
    trim()
    return newest
  }

  const maps = (): MapView[] => {
    const paths = Math.max(1, interfaces.paths().length)
    const bytes = mapBytes(sizes, paths)
    const row = (name: string, entries: number, capacity: number) => ({
      name,
      entries,
      capacity,
      bytes: bytes[name] ?? 0,
    })
    return [
      row('flows', kernel.flowCount(), sizes.flows * paths),
      row('tombstones', kernel.tombstones(), sizes.tombstones * paths),
      row('blocks', blockList.exactCount, sizes.blocks),
      row('prefixes', blockList.prefixCount, sizes.prefixes),
      row('allows', blockList.allowCount, sizes.allows),
    ]
  }

  const traffic = (counters: KernelCounters): StatusView['traffic'] => {
    const at = (index: number): Traffic => ({
      packets: counters.packets[index] as number,
      bytes: counters.bytes[index] as number,
    })
    return { ingress: { passed: at(0), dropped: at(1) }, egress: { passed: at(2), dropped: at(3) } }
  }

  const lost = (counters: KernelCounters): Record<string, number> => {
    const { unknownRecords, unstored, failures } = pipeline.counts()
    return {
      table_full: counters.lost.tableFull,
      lock_missed: counters.lost.lockMissed,
      over_budget: counters.lost.overBudget,
      urgent_ring_full: counters.lost.urgentRing,
      bulk_ring_full: counters.lost.bulkRing,
      tombstone_dropped: counters.lost.tombstone,
      source_slot_taken: counters.lost.sourceSlot,
      unknown_record: unknownRecords,
      not_stored: unstored + store.flowCounts().dropped,
      step_failed: failures,
      odd_score: scorer.state().oddScores,
    }
  }

  const withoutFlow = ({ unparsed }: KernelCounters): Record<string, number> => ({
    not_ip: unparsed.notIp,
    arp: unparsed.arp,
    pppoe: unparsed.pppoe,
    truncated: unparsed.truncated,
    malformed: unparsed.malformed,
    later_fragment: unparsed.fragment,
    other_protocol: unparsed.protocol,
    too_many_extensions: unparsed.extensions,
  })

  const endedFlows = ({ ended }: KernelCounters): Record<string, number> => {
    const { timeout, syn, icmp, pressure, flush } = ended
    return { timeout, syn, icmp, pressure, flush }
  }

  const warnings = (): string[] => {
    const found: string[] = []
    const { model } = config()
    for (const { name, xdpMode } of interfaces.states()) {
      if (xdpMode === 'generic')
        found.push(`${name}: XDP runs in generic mode, about 3 times slower than native`)
      if (xdpMode === 'down') found.push(`${name}: the interface is gone; idsd waits for its return`)
    }
    const state = scorer.state()
    const { missingFeatures } = state
    if (missingFeatures.length > 0) {
      found.push(
        `the model names features that idsd does not compute, always 0: ${missingFeatures.join(', ')}`,
      )
    }
    if (!state.isLoaded && model.dir !== null) found.push(`no model: ${state.problem}`)
    if (config().policy.modelMayBlock) {
      found.push('policy.model_may_block: the model alone may block before this site was calibrated')
    }
    if (pipeline.counts().unstored > 0) found.push('the store did not take everything: see the log')
    if ((events()?.lost ?? 0) > 0) found.push('the event file did not take everything: see the log')
    return found
  }

  const modelView = (): ModelView => {
    const model = scorer.state()
    return {
      loaded: model.isLoaded,
      name: model.name,
      version: model.version,
      sha256: model.sha256,
      threshold: model.threshold,
      mayBlock: config().policy.modelMayBlock,
      problem: model.problem,
      flowsScored: model.flowsScored,
    }
  }

  const view: View = {
    status() {
      const counters = kernel.counters()
      const { flowRecords } = pipeline.counts()
      return {
        version,
        startedAtMs,
        mode: enforcer.mode,
        panic: options.panic.state,
        breakers: options.breakers.states(),
        interfaces: interfaces.states(),
        maps: maps(),
        model: modelView(),
        traffic: traffic(counters),
        lost: lost(counters),
        withoutFlow: withoutFlow(counters),
        decisionsActive: enforcer.activeCount,
        allowEntries: blockList.allowCount,
        alertsTotal: meters.read().alertsTotal,
        flowRecordsTotal: Object.values(flowRecords).reduce((sum, count) => sum + count, 0),
        newFlowsTotal: counters.newFlows,
        divergencesRepaired: enforcer.repaired,
        warnings: warnings(),
      }
    },
    why: createWhy({
      trace: kernel.trace,
      clock: { nowMs: () => Date.now(), bootUs: () => kernel.clocks().bootUs },
      enforcer,
      store,
      scorer,
      model: modelView,
    }),
    flows: (filter) => store.flows(recordFilter(filter)),
    exportFlows: (filter, hasFeatures) =>
      // What goes on while it is read would come again and again.
      exportFlows(store, recordFilter({ ...filter, untilMs: filter.untilMs || Date.now() }), hasFeatures),
    decisions: (filter, all) => store.decisions(recordFilter(filter), all),
    decision: (number) => enforcer.decision(number),
    newestDecisions,
    alerts: (filter) => store.alerts(recordFilter(filter)),
    alert: (number) => store.alert(number),
    suspects: (count) => {
      const nowMs = Date.now()
      const { suspects, points } = policy()
      return suspects(nowMs)
        .map((source) => ({ source, points: points(source, nowMs) }))
        .sort((a, b) => b.points - a.points)
        .slice(0, count)
    },
    allowEntries: () => enforcer.allowEntries(),
    audit: (filter) => store.auditRows(recordFilter(filter)),
    planBlock: (targets, sinceMs, isWanted) => planBlock(planOptions, targets, sinceMs, isWanted),
    planMode: (mode, sinceMs, isWanted) => planMode(planOptions, mode, sinceMs, isWanted),
    hits: (decision) => enforcer.hits(decision),
    inKernel: (decision) => enforcer.inKernel(decision),
    isLapsed: (decision) =>
      isLapsed(enforcer.leasedFromBootUs(decision), kernel.settings, kernel.clocks().bootUs),
    interfaceName: (ifindex) => interfaces.nameOf(ifindex),
  }

  const snapshot = (): MetricsSnapshot => {
    const counters = kernel.counters()
    const { flowRecords, guarded, silenced } = pipeline.counts()
    const { alerts, decisionsMade, timeToBlock } = meters.read()
    const decisions: Partial<Record<Origin, Partial<Record<Action, number>>>> = {}
    for (const { origin, action } of enforcer.active()) {
      const actions = decisions[origin] ?? {}
      actions[action] = (actions[action] ?? 0) + 1
      decisions[origin] = actions
    }
    return {
      version,
      traffic: traffic(counters),
      dropped: originNames.flatMap((origin) =>
        reasonNames.map((reason) => ({
          origin,
          reason,
          packets: counters.dropped[droppedIndex(origin, reason)] as number,
        })),
      ),
      lost: lost(counters),
      withoutFlow: withoutFlow(counters),
      spared: {
        count_only: counters.wouldDrop,
        allowed: counters.allowed,
        expired: counters.expiredHits,
        lapsed: counters.lapsedHits,
      },
      tripped: options.breakers.states().map(({ origin }) => origin),
      isPanic: options.panic.state !== undefined,
      newFlows: counters.newFlows,
      endedFlows: endedFlows(counters),
      guardedVerdicts: guarded,
      silencedEvidence: silenced,
      flows: kernel.flowCount(),
      maps: maps(),
      decisions,
      interfaces: interfaces.states(),
      flowRecords,
      alerts,
      decisionsMade,
      timeToBlock,
      scores: scorer.state().scores,
      sources: {
        detect: { held: detectors().sources, evicted: detectors().evicted },
        policy: { held: policy().sources, evicted: policy().evicted },
      },
      storeRowsWaiting: store.flowCounts().waiting,
      events: events() ?? { written: 0, lost: 0 },
      scoredFlows: scorer.state().flowsScored,
      divergencesRepaired: enforcer.repaired,
      streamLost: feeds.flows.lost() + feeds.decisions.lost() + feeds.alerts.lost(),
      modelLoaded: scorer.state().isLoaded,
      exemptPackets: { nd: counters.exemptNd, arp: counters.unparsed.arp },
    }
  }
  return { view, snapshot }
}
