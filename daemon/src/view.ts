/** Joins the rooms into what gRPC and Prometheus read. Reads only. */

import type { Config } from './config/config.js'
import { droppedIndex, originNames, reasonNames } from './enforce/codes.js'
import type { Action, Origin } from './enforce/decision.js'
import type { Enforcer } from './enforce/enforcer.js'
import type { KernelCounters } from './kernel/counters.js'
import { type MapSizes, mapBytes } from './kernel/data-path.js'
import type { Kernel } from './kernel/kernel.js'
import type { Pipeline } from './pipeline.js'
import type { Feeds } from './publish/handlers.js'
import type { MetricsSnapshot } from './publish/metrics-snapshot.js'
import type { MapView, StatusView, Traffic, View } from './publish/view.js'
import type { Store } from './record/store.js'
import type { Scorer } from './score/scorer.js'

export interface ViewOptions {
  readonly kernel: Kernel
  readonly version: string
  readonly startedAtMs: number
  readonly config: () => Config
  readonly sizes: MapSizes
  readonly enforcer: Enforcer
  readonly store: Pick<Store, 'flows' | 'alerts' | 'decisions'>
  readonly scorer: Scorer
  readonly pipeline: Pipeline
  readonly feeds: Feeds
}

export function createView(options: ViewOptions): { view: View; snapshot: () => MetricsSnapshot } {
  const { kernel, version, startedAtMs, config, sizes, enforcer, store } = options
  const { interfaces, blockList } = kernel
  const { scorer, pipeline, feeds } = options

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
      not_stored: unstored,
      step_failed: failures,
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
    if (!state.isLoaded && model.dir !== null) found.push(`no model: ${state.problem}`)
    if (config().policy.modelMayBlock) {
      found.push('policy.model_may_block: the model alone may block before this site was calibrated')
    }
    if (pipeline.counts().unstored > 0) found.push('the store did not take everything: see the log')
    return found
  }

  const view: View = {
    status() {
      const counters = kernel.counters()
      const { flowRecords, alerts } = pipeline.counts()
      const model = scorer.state()
      return {
        version,
        startedAtMs,
        mode: enforcer.mode,
        interfaces: interfaces.states(),
        maps: maps(),
        model: {
          loaded: model.isLoaded,
          name: model.name,
          version: model.version,
          sha256: model.sha256,
          threshold: model.threshold,
          mayBlock: config().policy.modelMayBlock,
          problem: model.problem,
          flowsScored: model.flowsScored,
        },
        traffic: traffic(counters),
        lost: lost(counters),
        withoutFlow: withoutFlow(counters),
        decisionsActive: enforcer.activeCount,
        allowEntries: blockList.allowCount,
        alertsTotal: Object.values(alerts).reduce((sum, count) => sum + count, 0),
        flowRecordsTotal: Object.values(flowRecords).reduce((sum, count) => sum + count, 0),
        divergencesRepaired: enforcer.repaired,
        warnings: warnings(),
      }
    },
    flows: (filter) => store.flows(filter),
    decisions: (filter, all) => store.decisions(filter, all),
    decision: (number) => enforcer.decision(number),
    alerts: (filter) => store.alerts(filter),
    allowEntries: () => enforcer.allowEntries(),
    hits: (decision) => enforcer.hits(decision),
    inKernel: (decision) => enforcer.inKernel(decision),
    interfaceName: (ifindex) => interfaces.nameOf(ifindex),
  }

  const snapshot = (): MetricsSnapshot => {
    const counters = kernel.counters()
    const { flowRecords, alerts, guarded } = pipeline.counts()
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
      spared: { count_only: counters.wouldDrop, allowed: counters.allowed },
      newFlows: counters.newFlows,
      endedFlows: endedFlows(counters),
      guardedVerdicts: guarded,
      flows: kernel.flowCount(),
      maps: maps(),
      decisions,
      interfaces: interfaces.states(),
      flowRecords,
      alerts,
      scoredFlows: scorer.state().flowsScored,
      divergencesRepaired: enforcer.repaired,
      streamLost: feeds.flows.lost() + feeds.decisions.lost(),
      modelLoaded: scorer.state().isLoaded,
      exemptPackets: { nd: counters.exemptNd, arp: counters.unparsed.arp },
    }
  }
  return { view, snapshot }
}
