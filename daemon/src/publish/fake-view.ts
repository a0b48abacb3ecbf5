/** For tests: a view with rows that a test sets, and samples of every type. */

import type { AuditRow } from '../control/audit-row.js'
import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from '../detect/evidence.js'
import type { AllowEntry, Decision } from '../enforce/decision.js'
import { type ChangePlan, type ModePlan, noTraffic } from '../plan/plan.js'
import type { AlertRow, ExportRow, Filter, FlowRow, StatusView, Suspect, View, WhyView } from './view.js'

export interface FakeView extends View {
  flowRows: FlowRow[]
  /** Pages of an export; a test sets them. */
  exportPages: ExportRow[][]
  featureNames: string[]
  suspectRows: Suspect[]
  decisionRows: Decision[]
  alertRows: AlertRow[]
  allows: AllowEntry[]
  auditRows: AuditRow[]
  /** Filters that were asked with, oldest first. */
  readonly asked: Filter[]
}

export function sampleFlow(change: Partial<FlowRecord> = {}): FlowRecord {
  return {
    kind: 'ended',
    id: 1,
    seq: 3,
    ifindex: 2,
    src: '192.0.2.7',
    dst: '198.51.100.1',
    srcPort: 40_000,
    dstPort: 22,
    protocol: 6,
    startUs: 1_700_000_000_000_001,
    lastUs: 1_700_000_001_000_002,
    packetsFwd: 10,
    packetsBwd: 8,
    bytesFwd: 5_000_000_000,
    bytesBwd: 400,
    synCount: 1,
    finCount: 2,
    rstCount: 0,
    tcpState: 'ready',
    endReason: 'timeout',
    pathProven: true,
    isTransit: false,
    firstBackward: false,
    firstIngress: true,
    isContinuation: false,
    ...change,
  }
}

export function sampleEvidence(change: Partial<Evidence> = {}): Evidence {
  return {
    source: '192.0.2.7',
    about: 'source',
    detector: 'login',
    technique: 'T1110',
    severity: 'high',
    text: '12 connections to port 22 in 60 s (threshold 10)',
    points: 60,
    pointsLastMs: 120_000,
    isProven: true,
    atMs: 1_700_000_001_000,
    packetUs: 1_700_000_001_000_002,
    flows: [sampleFlow(), sampleFlow({ id: 2 })],
    scores: [0.75, Number.NaN],
    ...change,
  }
}

export function sampleDecision(change: Partial<Decision> = {}): Decision {
  return {
    number: 12,
    target: '192.0.2.7',
    action: 'drop',
    kind: 'block',
    origin: 'detector',
    mode: 'prevent',
    reason: 'login 60, scan_vertical 60',
    createdBy: 'policy',
    createdAtMs: 1_700_000_001_000,
    expiresAtMs: 1_700_000_601_000,
    state: 'active',
    endedAtMs: 0,
    evidence: [sampleEvidence()],
    ...change,
  }
}

export const sampleStatus: StatusView = {
  version: '0.1.0',
  startedAtMs: 1_700_000_000_000,
  mode: 'prevent',
  panic: undefined,
  trial: undefined,
  breakers: [],
  calibration: { run: undefined, site: undefined },
  privilege: {
    user: 'idsd',
    uid: 990,
    capabilities: ['CAP_NET_ADMIN', 'CAP_PERFMON', 'CAP_BPF'],
    problem: '',
  },
  interfaces: [{ name: 'eth0', ifindex: 2, xdpMode: 'native', egressHook: 'tcx', frags: true }],
  maps: [{ name: 'blocks', entries: 3, capacity: 1000, bytes: 64_000 }],
  model: {
    loaded: true,
    name: 'first',
    version: '1',
    sha256: 'ab',
    threshold: 0.9,
    mayBlock: false,
    calibrated: false,
    problem: '',
    flowsScored: 7,
  },
  traffic: {
    ingress: { passed: { packets: 10, bytes: 1000 }, dropped: { packets: 2, bytes: 120 } },
    egress: { passed: { packets: 9, bytes: 900 }, dropped: { packets: 1, bytes: 60 } },
  },
  lost: { ring_full: 0, table_full: 4 },
  withoutFlow: { arp: 3, pppoe: 0 },
  decisionsActive: 1,
  allowEntries: 2,
  alertsTotal: 5,
  flowRecordsTotal: 6,
  newFlowsTotal: 4,
  divergencesRepaired: 0,
  lists: { lists: 1, entries: 3, droppedPackets: 5, bytes: 4_096, unloaded: [] },
  ladder: { limitedPackets: 11, synDroppedPackets: 12, sparedPackets: 13, rejectedAnswers: 14 },
  warnings: ['XDP runs in generic mode on eth0'],
}

/** Plans of nothing. */
const samplePlans: { readonly block: ChangePlan; readonly mode: ModePlan } = {
  block: {
    ...{ sinceMs: 1, untilMs: 2, recorded: noTraffic, hit: noTraffic },
    ...{ addresses: [], addressesTotal: 0, liveTotal: 0, allowed: [], isAtMost: false },
    ...{ freed: [], freedTotal: 0, freedTraffic: noTraffic },
  },
  mode: {
    ...{ before: 'detect', mode: 'prevent', sinceMs: 1, untilMs: 2, decisions: [], decisionsTotal: 0 },
    ...{ packets: 0, bytes: 0, atOnceTotal: 0, liveTotal: 0, isPartial: false, isAtMost: false },
    ...{ spoofableTotal: 0, heldTotal: 0, tripped: [] },
  },
}

export const sampleWhy: WhyView = {
  target: '192.0.2.7',
  atMs: 1_700_000_003_000,
  fate: 'dropped',
  fateWithoutAllow: 'dropped',
  entries: [
    {
      target: '192.0.2.7',
      isExact: true,
      action: 'drop',
      origin: 'detector',
      reason: 'login',
      decision: 12,
      state: 'in_force',
      isDeciding: true,
      packets: 40,
      bytes: 2400,
      lastSeenMs: 1_700_000_002_000,
      expiresAtMs: 1_700_000_601_000,
    },
  ],
  decisions: [sampleDecision()],
  divergences: [],
  allows: [],
  model: sampleStatus.model,
  modelReason: {
    flow: { flow: sampleFlow(), score: 0.75 },
    score: 0.75,
    weights: [{ name: 'Flow Duration', value: 1_000_001, median: 71_180.5, score: 0.25 }],
  },
  modelProblem: '',
  history: { rows: [], total: 0 },
  alerts: { rows: [{ number: 3, evidence: sampleEvidence(), decisionNumber: 12 }], total: 1 },
  mode: 'prevent',
  decisionsInside: 0,
  lists: [],
}

export function createFakeView(): FakeView {
  const asked: Filter[] = []
  const page = <T>(rows: readonly T[], filter: Filter) => {
    asked.push(filter)
    return { rows: rows.slice(0, filter.last), total: rows.length }
  }
  const view: FakeView = {
    flowRows: [],
    exportPages: [],
    featureNames: [],
    suspectRows: [],
    decisionRows: [],
    alertRows: [],
    allows: [],
    auditRows: [],
    asked,
    status: () => sampleStatus,
    automaticDecisions: () => new Map(),
    why: async (target) => ({ ...sampleWhy, target: target.text }),
    flows: (filter) => page(view.flowRows, filter),
    decisions: (filter, all) =>
      page(
        view.decisionRows.filter(({ state }) => all || state === 'active'),
        filter,
      ),
    decision: (number) => view.decisionRows.find((decision) => decision.number === number),
    alerts: (filter) => page(view.alertRows, filter),
    alert: (number) => view.alertRows.find((alert) => alert.number === number),
    exportFlows: (filter, hasFeatures) => {
      asked.push(filter)
      const pages = view.exportPages[Symbol.iterator]()
      return {
        featureNames: hasFeatures ? view.featureNames : [],
        next: () => pages.next().value,
      }
    },
    suspects: (count) => view.suspectRows.slice(0, count),
    newestDecisions: (count) => view.decisionRows.slice(0, count),
    allowEntries: () => view.allows,
    audit: (filter) => page(view.auditRows, filter),
    planBlock: async () => samplePlans.block,
    planApply: async (_next, { sinceMs }) => ({
      ...{ sinceMs, untilMs: sinceMs, more: [], fewer: [], isPartial: false },
      ...{ mode: 'prevent', lists: [], hit: samplePlans.block },
    }),
    membership: () => 'both',
    planMode: async (mode) => ({ ...samplePlans.mode, mode }),
    hits: ({ state }) =>
      state === 'active' ? { packets: 40, bytes: 2400, lastSeenMs: 1_700_000_002_000 } : undefined,
    inKernel: ({ state }) => state === 'active',
    limitCounts: ({ limit }) => (limit === undefined ? undefined : { passed: 5, limited: 7 }),
    isLapsed: () => false,
    interfaceName: (ifindex) => `eth${ifindex - 2}`,
  }
  return view
}
