/** What gRPC reads. The rooms that hold it are joined by daemon.ts; publish never asks them itself. */

import type { Config } from '../config/config.js'
import type { AuditRow } from '../control/audit-row.js'
import type { FlowRecord } from '../decode/flow-record.js'
import type { DetectorName, Evidence, Severity } from '../detect/evidence.js'
import type { AllowEntry, Decision, EntryHits, Mode } from '../enforce/decision.js'
import type { KernelMatch } from '../enforce/kernel-match.js'
import type { PanicState } from '../enforce/panic.js'
import type { TrialState } from '../enforce/trial.js'
import type { Fate } from '../kernel/address-trace.js'
import type { PrivilegeState } from '../kernel/privilege.js'
import type { ListHolding } from '../lists/lists.js'
import type { BlockPlan, ModePlan, PlannedAction, SettingsPlan } from '../plan/plan.js'
import type { Target } from '../policy/address.js'
import type { BreakerState } from '../policy/breaker.js'
import type { CalibrationView } from './calibration-message.js'

/** What a list is narrowed to. Every bound that is 0 or undefined does not narrow. */
export interface Filter {
  /** Wall time, ms since 1970, inclusive; of a flow its last packet, of a decision its beginning. */
  readonly sinceMs: number
  readonly untilMs: number
  /** Flows: either end lies in it. Decisions: the target lies in it or covers it. Alerts: the source lies in it. */
  readonly target: Target | undefined
  /** Flows: port of either end. Alerts: of either end of one of their flows. Never set for decisions. */
  readonly port: number
  /** At most so many rows, newest first; 1 to 10,000. */
  readonly last: number
  /** Flows: score at least this, in [0, 1]. */
  readonly minScore: number
  /** Flows: only with a reason. */
  readonly isAnomalous: boolean
  /** Alerts: of this detector. */
  readonly detector: DetectorName | undefined
  /** Alerts: of this severity or a greater one. */
  readonly minSeverity: Severity | undefined
}

/** Newest first; `total` counts all that match, shown or not. */
export interface Page<T> {
  readonly rows: readonly T[]
  readonly total: number
  /** The search met its time limit: older rows may match too, and `total` is a lower bound. */
  readonly isPartial?: true
}

export interface FlowRow {
  readonly flow: FlowRecord
  /** In [0, 1]; NaN when the flow was not scored. */
  readonly score: number
  /** Detectors whose evidence holds the flow, as far as known; absent is none. */
  readonly reasons?: readonly DetectorName[] | undefined
}

/** One flow as it is exported. */
export interface ExportRow extends FlowRow {
  /** In the order of the names of the export; absent where they were not kept. */
  readonly features?: ArrayLike<number> | undefined
}

/** All stored flows that match a filter, read a page at a time. */
export interface FlowExport {
  /** Empty when features were not asked for. */
  readonly featureNames: readonly string[]
  /** The next flows, oldest first; none when the search took its time and goes on; undefined at the end. */
  next(): readonly ExportRow[] | undefined
}

/** A source with points that still count. */
export interface Suspect {
  readonly source: string
  readonly points: number
}

export interface AlertRow {
  /** Counts up from 1; shown as `a<number>`. */
  readonly number: number
  readonly evidence: Evidence
  /** The decision it led to; 0 = none. */
  readonly decisionNumber: number
}

export type Direction = 'ingress' | 'egress'
export type PacketVerdict = 'passed' | 'dropped'
export type XdpMode = 'native' | 'generic' | 'down'

export interface Traffic {
  readonly packets: number
  /** Octets on the wire, link header included. */
  readonly bytes: number
}

export interface InterfaceView {
  readonly name: string
  readonly ifindex: number
  /** `down`: the interface is gone and awaited. */
  readonly xdpMode: XdpMode
  readonly egressHook: 'tcx' | 'clsact'
  /** Packets of more than one buffer reach the program. */
  readonly frags: boolean
}

export interface MapView {
  readonly name: string
  readonly entries: number
  readonly capacity: number
  readonly bytes: number
}

export interface ModelView {
  readonly loaded: boolean
  readonly name: string
  readonly version: string
  readonly sha256: string
  /** In [0, 1]. */
  readonly threshold: number
  readonly mayBlock: boolean
  /** Its threshold was fitted to this site. */
  readonly calibrated: boolean
  /** Why there is none; '' when there is one. */
  readonly problem: string
  readonly flowsScored: number
}

/** Packets at a limit, as long as its entry is in the kernel. */
export interface LimitCounts {
  readonly passed: number
  readonly limited: number
}

/** Of limits, SYN drops and rejects, since the programs were loaded. */
export interface LadderCounters {
  /** Packets kept back by limits. */
  readonly limitedPackets: number
  /** SYNs kept back by SYN drops. */
  readonly synDroppedPackets: number
  /** Packets that passed for the sake of their flows. */
  readonly sparedPackets: number
  /** RSTs and ICMP answers sent. */
  readonly rejectedAnswers: number
}

export interface StatusView {
  readonly version: string
  /** Wall time, ms. */
  readonly startedAtMs: number
  readonly mode: Mode
  /** All enforcement is stopped; undefined when it is not. */
  readonly panic: PanicState | undefined
  /** The change that is on trial; undefined when there is none. */
  readonly trial: TrialState | undefined
  /** Breakers that are tripped. */
  readonly breakers: readonly BreakerState[]
  readonly calibration: CalibrationView
  readonly privilege: PrivilegeState
  readonly interfaces: readonly InterfaceView[]
  readonly maps: readonly MapView[]
  readonly model: ModelView
  readonly traffic: Readonly<Record<Direction, Readonly<Record<PacketVerdict, Traffic>>>>
  /** By cause, all causes present. */
  readonly lost: Readonly<Record<string, number>>
  /** Packets that passed and belong to no flow, by kind, all kinds present. */
  readonly withoutFlow: Readonly<Record<string, number>>
  readonly decisionsActive: number
  readonly allowEntries: number
  readonly alertsTotal: number
  readonly flowRecordsTotal: number
  readonly newFlowsTotal: number
  readonly divergencesRepaired: number
  readonly lists: ListsSummary
  readonly ladder: LadderCounters
  /** In words, e.g. that XDP runs in generic mode. */
  readonly warnings: readonly string[]
}

/** Imported lists together. */
export interface ListsSummary {
  readonly lists: number
  readonly entries: number
  readonly droppedPackets: number
  /** Kernel memory. */
  readonly bytes: number
  /** Names of those that the kernel did not take. */
  readonly unloaded: readonly string[]
}

/** What the model's score of one flow rests on. */
export interface ModelReason {
  readonly flow: FlowRow
  /** In [0, 1]. */
  readonly score: number
  readonly weights: readonly {
    readonly name: string
    readonly value: number
    readonly median: number
    readonly score: number
  }[]
}

/** All about one address or prefix. */
export interface WhyView {
  readonly target: string
  /** Wall time, ms. */
  readonly atMs: number
  readonly fate: Fate
  readonly fateWithoutAllow: Fate
  readonly entries: readonly KernelMatch[]
  /** Active ones: the deciding one first, then exact ones, then the longest prefix. */
  readonly decisions: readonly Decision[]
  /** Where maps and store differ, in words. */
  readonly divergences: readonly string[]
  /** The longest first. */
  readonly allows: readonly {
    readonly entry: AllowEntry
    readonly inKernel: boolean
    /** The change on trial made it. */
    readonly isOnTrial: boolean
  }[]
  readonly model: ModelView
  readonly modelReason: ModelReason | undefined
  /** Why there is no `modelReason`; '' when there is one. */
  readonly modelProblem: string
  readonly history: Page<Decision>
  readonly alerts: Page<AlertRow>
  readonly mode: Mode
  readonly decisionsInside: number
  /** Imported lists that hold all of it. */
  readonly lists: readonly (ListHolding & { readonly isOnTrial: boolean })[]
}

/** What a plan of settings is asked for. */
export interface ApplyAsked {
  /** Wall time, ms; 0 = all that is stored. */
  readonly sinceMs: number
  /** Far end of the caller's own session; '' when there is none. */
  readonly callerPeer: string
  /** The caller is an operator: files that the settings name are read for him. */
  readonly mayRead: boolean
}

export interface View {
  status(): StatusView
  /** Reads maps, store and model; changes nothing. */
  why(target: Target): Promise<WhyView>
  flows(filter: Filter): Page<FlowRow>
  /** Active decisions; with `all` also what has ended. */
  decisions(filter: Filter, all: boolean): Page<Decision>
  decision(number: number): Decision | undefined
  alerts(filter: Filter): Page<AlertRow>
  alert(number: number): AlertRow | undefined
  /** `filter.last` does not matter here. */
  exportFlows(filter: Filter, hasFeatures: boolean): FlowExport
  /** Most points first. */
  suspects(count: number): readonly Suspect[]
  /** Automatic decisions that were made since then, by target: numbers, the newest first. Wall time, ms. */
  automaticDecisions(sinceMs: number): ReadonlyMap<string, readonly number[]>
  /** Active decisions, the newest first. */
  newestDecisions(count: number): readonly Decision[]
  allowEntries(): readonly AllowEntry[]
  /** Newest first; `target` takes rows of exactly it. */
  audit(filter: Filter): Page<AuditRow>
  /** Reads the recorded flows; ends early, with what it has, when `isWanted` says no. */
  planBlock(
    targets: readonly Target[],
    does: PlannedAction,
    sinceMs: number,
    isWanted: () => boolean,
  ): Promise<BlockPlan>
  planMode(mode: Mode, sinceMs: number, isWanted: () => boolean): Promise<ModePlan>
  /** Reads recorded alerts and flows; ends early when `isWanted` says no. @param next what would be configured */
  planApply(next: Config, asked: ApplyAsked, isWanted: () => boolean): Promise<SettingsPlan>
  /** The generations that an active decision is in. */
  membership(decision: Decision): 'both' | 'confirmed' | 'trial'
  /** Counted in the kernel, earlier runs of the daemon included; of an ended decision what it met in all. */
  hits(decision: Decision): EntryHits | undefined
  /** Whether the kernel's map holds the entry of this decision now. */
  inKernel(decision: Decision): boolean
  /** Whether it is there, but out of force for want of a beat. */
  isLapsed(decision: Decision): boolean
  /** What its limit let through and kept back; undefined where the kernel's entry is not its own or has no limit. */
  limitCounts(decision: Decision): LimitCounts | undefined
  /** Name of an interface, also of one that is gone; '' when it was never attached. */
  interfaceName(ifindex: number): string
}
