/** Names, labels and help of every metric; the only importer of prom-client. */

import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client'
import { detectorNames } from '../detect/evidence.js'
import type { Action, Origin } from '../enforce/decision.js'
import type { HistogramReading } from './histogram.js'
import type { MetricsSnapshot } from './metrics-snapshot.js'
import type { Direction, PacketVerdict, XdpMode } from './view.js'

const DIRECTIONS: readonly Direction[] = ['ingress', 'egress']
const VERDICTS: readonly PacketVerdict[] = ['passed', 'dropped']
const ORIGINS: readonly Origin[] = ['operator', 'detector', 'model', 'list']
/** Label of each action, of all that there are. */
const ACTIONS: Readonly<Record<Action, string>> = {
  drop: 'drop',
  count: 'count',
  limit: 'limit',
  synDrop: 'syn_drop',
  reject: 'reject',
}
const BREAKERS = detectorNames.filter((name) => name !== 'breaker')
const XDP_MODES: readonly XdpMode[] = ['native', 'generic', 'down']

/** Gauges of prom-client that end in `_total`, which a gauge must not; each has a twin without it, by type. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

export interface MetricsRegistry {
  readonly contentType: string
  /** Prometheus text of the snapshot and of the process. */
  render(snapshot: MetricsSnapshot): Promise<string>
}

/** Counters are set to what the kernel holds at each scrape; nothing is counted twice in between. */
export function createMetricsRegistry(): MetricsRegistry {
  const registry = new Registry()
  // It wakes so often to measure, ms: finer would cost more than an idle daemon does.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  for (const name of MISNAMED) registry.removeSingleMetric(name)

  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames, registers: [registry] })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames, registers: [registry] })

  const histogram = (name: string, help: string) => {
    const held = givenHistogram(name, help)
    registry.registerMetric(held.metric)
    return held
  }

  const packets = counter('idsd_packets_total', 'Packets seen by the kernel programs.', [
    'direction',
    'verdict',
  ])
  const bytes = counter('idsd_bytes_total', 'Bytes of the packets seen, link header included.', [
    'direction',
    'verdict',
  ])
  const dropped = counter('idsd_dropped_packets_total', 'Packets dropped, by why and by who decided it.', [
    'reason',
    'origin',
  ])
  const lost = counter(
    'idsd_lost_total',
    'Packets, flows or records that could not be accounted for, by cause.',
    ['cause'],
  )
  const exempt = counter(
    'idsd_exempt_packets_total',
    'Packets of a blocked address let through because the link needs them: neighbour discovery and ARP.',
    ['kind'],
  )
  const spared = counter(
    'idsd_spared_packets_total',
    'Packets that hit a block and passed all the same: it only counts, also in a panic; it is allowed, expired or lapsed; it spares their flow.',
    ['why'],
  )
  const heldBack = counter(
    'idsd_held_back_packets_total',
    'Packets kept back by an action that does not drop all: over a limit, or SYNs. Part of the packets dropped.',
    ['action'],
  )
  const answers = counter('idsd_reject_answers_total', 'RSTs and ICMP answers sent for rejected packets.')
  const newFlows = counter('idsd_new_flows_total', 'Flows that began.')
  const endedFlows = counter('idsd_ended_flows_total', 'Flows that ended, by why.', ['reason'])
  const guarded = counter(
    'idsd_guarded_verdicts_total',
    'Automatic blocks that a guard refused, or made a limit of.',
  )
  const silenced = counter(
    'idsd_silenced_evidence_total',
    'Evidence about sources whose allow entry asks for silence: no alert.',
  )
  const withoutFlow = counter(
    'idsd_packets_without_flow_total',
    'Packets that passed and belong to no flow: no IP, PPPoE, truncated, malformed, later fragments, other protocols.',
    ['kind'],
  )
  const flows = gauge('idsd_flows', 'Flows in the flow tables now.')
  const mapEntries = gauge('idsd_map_entries', 'Entries in a BPF map now.', ['map'])
  const mapCapacity = gauge('idsd_map_capacity', 'Most entries a BPF map can hold.', ['map'])
  const decisions = gauge('idsd_decisions', 'Active decisions, by who decided and what is done.', [
    'origin',
    'action',
  ])
  const xdpMode = gauge('idsd_xdp_mode', '1 for the mode in which XDP is attached to an interface, else 0.', [
    'iface',
    'mode',
  ])
  const records = counter('idsd_flow_records_total', 'Flow records taken from the kernel, by kind.', ['kind'])
  const alerts = counter('idsd_alerts_total', 'Times a detector or the model fired, by how severe it is.', [
    'detector',
    'severity',
  ])
  const made = counter(
    'idsd_decisions_total',
    'Decisions made, by who decided, what is done, and what it is.',
    ['origin', 'action', 'kind'],
  )
  const sources = gauge('idsd_sources', 'Sources that a room remembers now.', ['room'])
  const evicted = counter(
    'idsd_sources_evicted_total',
    'Sources that a room forgot to make room for others.',
    ['room'],
  )
  const rowsWaiting = gauge('idsd_store_rows_waiting', 'Rows that wait to be written to the database.')
  const events = counter('idsd_events_total', 'Lines written to the event file.')
  const eventsLost = counter('idsd_events_lost_total', 'Lines that the event file did not take.')
  const timeToBlock = histogram(
    'idsd_time_to_block_seconds',
    'From the packet that completed the evidence to the entry in the kernel.',
  )
  const scores = histogram('idsd_scores', 'Scores that the model gave to flows.')
  const scored = counter('idsd_scored_flows_total', 'Flows scored by the model.')
  const repaired = counter(
    'idsd_divergences_repaired_total',
    'Entries found missing from, or foreign in, the blocklist map and put right.',
  )
  const listEntries = gauge('idsd_list_entries', 'Entries of an imported list.', ['list'])
  const listDropped = counter(
    'idsd_list_dropped_packets_total',
    'Packets kept back that an imported list held; what several hold counts for each.',
    ['list'],
  )
  const listFailures = counter(
    'idsd_list_import_failures_total',
    'Scheduled imports of lists that failed; the list before stayed.',
  )
  const listsFailing = gauge('idsd_list_imports_failing', 'Scheduled lists whose last import failed.')
  const listsUnloaded = gauge('idsd_lists_unloaded', 'Imported lists that the kernel did not take.')
  const displaced = counter(
    'idsd_decisions_displaced_total',
    'Automatic decisions that gave way to others in a full map.',
  )
  const streamLost = counter('idsd_stream_lost_total', 'Events that slow readers of gRPC streams lost.')
  const refused = counter(
    'idsd_refused_requests_total',
    'Requests over gRPC whose caller lacks the role for them, by the role he has.',
    ['role'],
  )
  const breaker = gauge(
    'idsd_breaker',
    '1 while an origin of blocks has lost the power to block, because it blocked the wrong ones, else 0.',
    ['origin'],
  )
  const trial = gauge(
    'idsd_trial_until_seconds',
    'When the change on trial is taken back unless it is confirmed, Unix time; 0 while there is none.',
  )
  const panic = gauge('idsd_panic', '1 while all enforcement is stopped by idsctl panic, else 0.')
  const learning = gauge(
    'idsd_calibration_learning',
    '1 while idsd learns what this site does, in mode detect, else 0.',
  )
  const learntFlows = gauge('idsd_calibration_flows', 'Flows that the last calibration learnt from.')
  const modelFitted = gauge(
    'idsd_calibration_model_fitted',
    '1 when the threshold of the model in use was fitted to this site, else 0.',
  )
  const modelLoaded = gauge('idsd_model_loaded', '1 when a model scores flows, 0 when there is none.')
  const buildInfo = gauge('idsd_build_info', 'Always 1; the version is in the label.', ['version'])

  function fill(now: MetricsSnapshot): void {
    for (const metric of [
      packets,
      bytes,
      dropped,
      lost,
      exempt,
      spared,
      heldBack,
      endedFlows,
      withoutFlow,
      records,
      alerts,
      made,
      refused,
      evicted,
    ])
      metric.reset()
    for (const metric of [
      answers,
      scored,
      repaired,
      streamLost,
      newFlows,
      guarded,
      silenced,
      events,
      eventsLost,
    ])
      metric.reset()
    // A map or interface that is gone, or a version before a reload, must not linger.
    for (const metric of [mapEntries, mapCapacity, xdpMode, buildInfo]) metric.reset()
    for (const metric of [listEntries, listDropped, listFailures, displaced]) metric.reset()

    for (const direction of DIRECTIONS) {
      for (const verdict of VERDICTS) {
        packets.inc({ direction, verdict }, now.traffic[direction][verdict].packets)
        bytes.inc({ direction, verdict }, now.traffic[direction][verdict].bytes)
      }
    }
    for (const { reason, origin, packets: count } of now.dropped) dropped.inc({ reason, origin }, count)
    for (const [cause, count] of Object.entries(now.lost)) lost.inc({ cause }, count)
    for (const [kind, count] of Object.entries(now.exemptPackets)) exempt.inc({ kind }, count)
    for (const [kind, count] of Object.entries(now.withoutFlow)) withoutFlow.inc({ kind }, count)
    for (const [kind, count] of Object.entries(now.flowRecords)) records.inc({ kind }, count)
    for (const [detector, counts] of Object.entries(now.alerts)) {
      for (const [severity, count] of Object.entries(counts)) alerts.inc({ detector, severity }, count)
    }
    for (const { origin, action, kind, count } of now.decisionsMade)
      made.inc({ origin, action: ACTIONS[action], kind }, count)
    for (const [role, count] of Object.entries(now.refusedRequests)) refused.inc({ role }, count)
    for (const [room, count] of Object.entries(now.sources)) {
      sources.set({ room }, count.held)
      evicted.inc({ room }, count.evicted)
    }
    for (const [why, count] of Object.entries(now.spared)) spared.inc({ why }, count)
    heldBack.inc({ action: 'limit' }, now.ladder.limitedPackets)
    heldBack.inc({ action: 'syn_drop' }, now.ladder.synDroppedPackets)
    answers.inc(now.ladder.rejectedAnswers)
    for (const [reason, count] of Object.entries(now.endedFlows)) endedFlows.inc({ reason }, count)
    newFlows.inc(now.newFlows)
    guarded.inc(now.guardedVerdicts)
    silenced.inc(now.silencedEvidence)
    scored.inc(now.scoredFlows)
    repaired.inc(now.divergencesRepaired)
    streamLost.inc(now.streamLost)
    for (const { name, entries, droppedPackets } of namedLists(now.lists)) {
      listEntries.set({ list: name }, entries)
      listDropped.inc({ list: name }, droppedPackets)
    }
    listFailures.inc(now.listImportFailures)
    listsFailing.set(now.listImportsFailing)
    listsUnloaded.set(now.listsUnloaded)
    displaced.inc(now.displaced)
    events.inc(now.events.written)
    eventsLost.inc(now.events.lost)
    rowsWaiting.set(now.storeRowsWaiting)
    timeToBlock.set(now.timeToBlock)
    scores.set(now.scores)

    flows.set(now.flows)
    for (const { name: map, entries, capacity } of now.maps) {
      mapEntries.set({ map }, entries)
      mapCapacity.set({ map }, capacity)
    }
    for (const origin of ORIGINS) {
      for (const [action, label] of Object.entries(ACTIONS) as [Action, string][])
        decisions.set({ origin, action: label }, now.decisions[origin]?.[action] ?? 0)
    }
    for (const { name: iface, xdpMode: current } of now.interfaces) {
      for (const mode of XDP_MODES) xdpMode.set({ iface, mode }, mode === current ? 1 : 0)
    }
    for (const origin of BREAKERS) breaker.set({ origin }, now.tripped.includes(origin) ? 1 : 0)
    panic.set(now.isPanic ? 1 : 0)
    trial.set(now.trialUntilMs / 1000)
    learning.set(now.calibration.isLearning ? 1 : 0)
    learntFlows.set(now.calibration.flows)
    modelFitted.set(now.calibration.isModelFitted ? 1 : 0)
    modelLoaded.set(now.modelLoaded ? 1 : 0)
    buildInfo.set({ version: now.version }, 1)
  }

  return {
    contentType: registry.contentType,
    render: (snapshot) => {
      fill(snapshot)
      return registry.metrics()
    },
  }
}

/** Lists with a label of their own; all others are `other`. */
const MAX_NAMED_LISTS = 20

function namedLists(lists: MetricsSnapshot['lists']): MetricsSnapshot['lists'] {
  if (lists.length <= MAX_NAMED_LISTS) return lists
  const named = lists.slice(0, MAX_NAMED_LISTS - 1)
  const rest = lists.slice(MAX_NAMED_LISTS - 1)
  const sum = (value: (list: MetricsSnapshot['lists'][number]) => number) =>
    rest.reduce((total, list) => total + value(list), 0)
  const other = {
    name: 'other',
    entries: sum((one) => one.entries),
    droppedPackets: sum((one) => one.droppedPackets),
  }
  return [...named, other]
}

/** A histogram whose buckets somebody else counted: the one of prom-client takes single values only. */
function givenHistogram(name: string, help: string): { metric: Metric; set(now: HistogramReading): void } {
  let reading: HistogramReading = { bounds: [], cumulative: [], sum: 0, count: 0 }
  const values = () => [
    ...reading.bounds.map((le, i) => ({
      metricName: `${name}_bucket`,
      labels: { le },
      value: reading.cumulative[i] as number,
    })),
    { metricName: `${name}_bucket`, labels: { le: '+Inf' }, value: reading.count },
    { metricName: `${name}_sum`, labels: {}, value: reading.sum },
    { metricName: `${name}_count`, labels: {}, value: reading.count },
  ]
  const get = async () => ({ name, help, type: 'histogram', aggregator: 'sum', values: values() })
  return {
    // What a registry asks of a metric when it is rendered.
    metric: { name, help, get } as unknown as Metric,
    set: (now) => {
      reading = now
    },
  }
}
