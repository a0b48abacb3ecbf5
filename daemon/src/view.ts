/** Joins the rooms into what gRPC and Prometheus read. Reads only. */

import type { Breakers } from './breakers.js'
import type { Calibration } from './calibrate/calibration.js'
import type { Config } from './config/config.js'
import type { Detectors } from './detect/detectors.js'
import { droppedIndex, originNames, reasonNames } from './enforce/codes.js'
import type { Action, AllowEntry, Decision, Origin } from './enforce/decision.js'
import type { Enforcer } from './enforce/enforcer.js'
import type { Panic } from './enforce/panic.js'
import { effective } from './enforce/strongest.js'
import type { Trial } from './enforce/trial.js'
import { asRecordFilter, exportFlows } from './flow-export.js'
import type { KernelCounters } from './kernel/counters.js'
import { type MapSizes, mapBytes } from './kernel/data-path.js'
import type { Kernel } from './kernel/kernel.js'
import type { Privilege } from './kernel/privilege.js'
import { isLapsed } from './kernel/settings.js'
import type { Lists } from './lists/lists.js'
import { type ListsAsked, scheduleChange } from './lists/lists-to-come.js'
import type { ScheduledList, ScheduledState } from './lists/schedule.js'
import type { Pipeline } from './pipeline.js'
import { planBlock } from './plan/plan-block.js'
import { planMode } from './plan/plan-mode.js'
import type { ListToCome } from './plan/plan-settings.js'
import { planSettings } from './plan/plan-settings.js'
import { leadOf } from './policy/lead.js'
import type { Policy } from './policy/policy.js'
import type { EventFileCounts } from './publish/event-file.js'
import type { Feeds } from './publish/handlers.js'
import type { Meters } from './publish/meters.js'
import type { MetricsSnapshot } from './publish/metrics-snapshot.js'
import type { Filter, MapView, ModelView, StatusView, Traffic, View } from './publish/view.js'
import type { Store } from './record/store.js'
import { policyOptions } from './room-options.js'
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
  /** Absent: nothing is ever on trial. */
  readonly trial?: Pick<Trial, 'state' | 'change'>
  readonly breakers: Pick<Breakers, 'states'>
  readonly lists: Pick<Lists, 'states' | 'entries' | 'holding' | 'unloaded' | 'kernelBytes'>
  /** Allow entries as a configuration makes them. */
  readonly configuredAllow: (config: Config) => readonly AllowEntry[]
  /** Scheduled lists as a plan reads them. */
  readonly listsToCome: (
    lists: readonly ScheduledList[],
    limits: Config['lists'],
    asked: ListsAsked,
  ) => AsyncIterable<ListToCome>
  /** Scheduled imports that failed. */
  readonly listImportFailures: () => number
  /** Lists that the configuration names. */
  readonly scheduledLists: () => readonly ScheduledState[]
  readonly calibration: Pick<Calibration, 'run' | 'site' | 'isModelFitted'>
  readonly privilege: Pick<Privilege, 'state' | 'problem'>
  readonly store: Pick<
    Store,
    | 'flows'
    | 'flow'
    | 'flowsPage'
    | 'features'
    | 'alerts'
    | 'alert'
    | 'decisions'
    | 'decision'
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
    tripped: () => options.breakers.states().map(({ origin }) => origin),
    leadOf,
    isDropOnly: () => {
      const { ladder, unprovenLadder } = config().policy
      return [...ladder, ...unprovenLadder].every((rung) => rung === 'drop' || rung === 'reject')
    },
    doing: (decision: Decision) => {
      const isHeld = planOptions.tripped().some((origin) => origin === leadOf(decision))
      return effective(decision, isHeld ? 'detect' : enforcer.mode)
    },
    lists: () =>
      options.lists.states().flatMap(({ name, action, isLoaded }) => {
        const entries = isLoaded ? options.lists.entries(name) : undefined
        return entries === undefined ? [] : [{ name, action, entries }]
      }),
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
    const { timeout, syn, icmp, pressure, flush, upgrade } = ended
    return { timeout, syn, icmp, pressure, flush, upgrade }
  }

  const ladder = (counters: KernelCounters): StatusView['ladder'] => ({
    limitedPackets: counters.limited,
    synDroppedPackets: counters.synDropped,
    sparedPackets: counters.sparedFlows,
    rejectedAnswers: counters.rejected,
  })

  const warnings = (): string[] => {
    const found: string[] = []
    const { model } = config()
    if (options.privilege.problem !== '') found.push(options.privilege.problem)
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
    if (config().policy.modelMayBlock && !options.calibration.isModelFitted()) {
      found.push('policy.model_may_block: the model alone may block before this site was calibrated')
    }
    if (options.calibration.run?.endedAtMs === 0 && enforcer.mode === 'prevent')
      found.push('a calibration learns in mode prevent: what is dropped is not learnt from')
    if (pipeline.counts().unstored > 0) found.push('the store did not take everything: see the log')
    for (const name of options.lists.unloaded) {
      found.push(`the list ${name} is not in force: the kernel did not take it; it is tried again`)
    }
    for (const { name, failedTimes, problem } of options.scheduledLists())
      if (failedTimes > 0) found.push(`the scheduled import of the list ${name} fails: ${problem}`)
    if (enforcer.displaced > 0) {
      const count = enforcer.displaced
      found.push(
        `${count} automatic decisions gave way in a full map: raise kernel.blocks or kernel.prefixes`,
      )
    }
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
      calibrated: options.calibration.isModelFitted(),
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
        trial: options.trial?.state,
        breakers: options.breakers.states(),
        calibration: { run: options.calibration.run, site: options.calibration.site },
        privilege: options.privilege.state(),
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
        lists: listsSummary(options.lists),
        ladder: ladder(counters),
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
      listsHolding: (target) => options.lists.holding(target),
      isListOnTrial: (list) => options.trial?.change?.lists?.saved.some(({ name }) => name === list) === true,
      listAction: (target) => kernel.lists.find(target).action,
      isPanic: () => options.panic.state !== undefined,
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
    automaticDecisions: (sinceMs) => {
      const found = new Map<string, number[]>()
      for (const { target, number, origin } of store.decisions({ sinceMs, last: 10_000 }).rows) {
        if (origin === 'operator' || origin === 'list') continue
        found.set(target, [...(found.get(target) ?? []), number])
      }
      return found
    },
    allowEntries: () => enforcer.allowEntries(),
    audit: (filter) => store.auditRows(recordFilter(filter)),
    planBlock: (targets, does, sinceMs, isWanted) => planBlock(planOptions, targets, does, sinceMs, isWanted),
    planMode: (mode, sinceMs, isWanted) => planMode(planOptions, mode, sinceMs, isWanted),
    planApply: (next, asked, isWanted) => {
      const { come, left } = scheduleChange(config().lists.scheduled, next.lists.scheduled)
      const change = {
        ...{ before: pointsOf(config()), after: pointsOf(next), listsLeft: left },
        allows: [
          ...planOptions.allows().filter(({ source }) => source !== 'config'),
          ...options.configuredAllow(next),
        ],
        listsToCome: options.listsToCome(come, next.lists, asked),
      }
      return planSettings(planOptions, change, asked.sinceMs, isWanted)
    },
    membership: (decision) => enforcer.membership(decision),
    hits: (decision) => enforcer.hits(decision),
    inKernel: (decision) => enforcer.inKernel(decision),
    limitCounts: (decision) => enforcer.limitCounts(decision),
    isLapsed: (decision) =>
      isLapsed(enforcer.leasedFromBootUs(decision), kernel.settings, kernel.clocks().bootUs),
    interfaceName: (ifindex) => interfaces.nameOf(ifindex),
  }

  const snapshot = (): MetricsSnapshot => {
    const counters = kernel.counters()
    const { flowRecords, guarded, silenced } = pipeline.counts()
    const { alerts, decisionsMade, timeToBlock, refusedRequests } = meters.read()
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
        flow: counters.sparedFlows,
      },
      ladder: ladder(counters),
      tripped: options.breakers.states().map(({ origin }) => origin),
      calibration: {
        isLearning: options.calibration.run?.endedAtMs === 0,
        flows: options.calibration.run?.flows ?? 0,
        isModelFitted: options.calibration.isModelFitted(),
      },
      isPanic: options.panic.state !== undefined,
      trialUntilMs: options.trial?.state?.untilMs ?? 0,
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
      refusedRequests,
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
      lists: options.lists.states(),
      listImportFailures: options.listImportFailures(),
      listImportsFailing: options.scheduledLists().filter(({ failedTimes }) => failedTimes > 0).length,
      listsUnloaded: options.lists.unloaded.length,
      displaced: enforcer.displaced,
      streamLost: feeds.flows.lost() + feeds.decisions.lost() + feeds.alerts.lost(),
      modelLoaded: scorer.state().isLoaded,
      exemptPackets: { nd: counters.exemptNd, arp: counters.unparsed.arp },
    }
  }
  return { view, snapshot }
}

function listsSummary(lists: ViewOptions['lists']): StatusView['lists'] {
  const states = lists.states()
  return {
    lists: states.length,
    entries: states.reduce((sum, { entries }) => sum + entries, 0),
    droppedPackets: states.reduce((sum, { droppedPackets }) => sum + droppedPackets, 0),
    bytes: lists.kernelBytes,
    unloaded: lists.unloaded,
  }
}

/** What counts when evidence becomes a block. */
function pointsOf(config: Config) {
  const { blockAtPoints, pointsLastMs, modelPointsCap, modelMayBlock } = policyOptions(config)
  const modelCap = modelMayBlock ? Number.POSITIVE_INFINITY : modelPointsCap
  return { blockAtPoints, lastMs: pointsLastMs, modelCap }
}
