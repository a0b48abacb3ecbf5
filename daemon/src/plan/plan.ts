/** What a change would have done to recorded traffic: the answers, in numbers. */

import type { AllowEntry, Decision, Mode } from '../enforce/decision.js'
import type { ListDoing } from '../lists/list-row.js'

/** What would be done to who is covered. */
export type PlannedAction = Pick<Decision, 'action' | 'limit' | 'sparesFlows'>

/** Packets of recorded flows. */
export interface PlannedTraffic {
  readonly flows: number
  readonly packets: number
  /** L4 payload. */
  readonly bytes: number
  /** On the wire at least: payload and headers without options. */
  readonly wireBytesLeast: number
}

export interface PlannedAddress {
  readonly address: string
  /** Canonical text of what covers it. */
  readonly target: string
  /** Who says so: `d7`, `list drop`, `policy`; '' where that was asked for. */
  readonly by: string
  readonly traffic: PlannedTraffic
  /** Wall time, ms. */
  readonly lastSeenMs: number
  /** It has an open flow that proved its path, with packets both ways. */
  readonly isLive: boolean
}

/** A target that an allow entry overlaps. */
export interface PlannedAllow {
  readonly target: string
  readonly entry: AllowEntry
  /** Recorded packets of the target that the entry spares. */
  readonly spared: PlannedTraffic
}

export interface BlockPlan {
  /** Wall time, ms: what was looked at. */
  readonly sinceMs: number
  readonly untilMs: number
  readonly recorded: PlannedTraffic
  /** What would have been kept back; of `count` what would have been counted. */
  readonly hit: PlannedTraffic
  /** No more than `hit`, which an action may let pass in part; else exactly that. */
  readonly isAtMost: boolean
  /** Live ones first, then most packets first, at most 1,000. */
  readonly addresses: readonly PlannedAddress[]
  /** At least so many from 65,536 on. */
  readonly addressesTotal: number
  readonly liveTotal: number
  readonly allowed: readonly PlannedAllow[]
}

/** Against what is kept back now. */
export interface ChangePlan extends BlockPlan {
  /** Who is kept back now and would not be; as `addresses`. */
  readonly freed: readonly PlannedAddress[]
  readonly freedTotal: number
  readonly freedTraffic: PlannedTraffic
}

export interface PlannedDecision {
  readonly decision: Decision
  /** It stands, and changes what it does at once. */
  readonly isAtOnce: boolean
  readonly isLive: boolean
  /** The allow entry that covers its target by now. */
  readonly allowedBy: AllowEntry | undefined
}

export interface ModePlan {
  readonly before: Mode
  readonly mode: Mode
  /** Wall time, ms: decisions made in it were looked at, and those that stand. */
  readonly sinceMs: number
  readonly untilMs: number
  /** Live ones first, then most packets first, at most 1,000. */
  readonly decisions: readonly PlannedDecision[]
  readonly decisionsTotal: number
  /** What the kernel counted on them, and no allow entry covers by now. */
  readonly packets: number
  /** No more than `packets`; else exactly that. */
  readonly isAtMost: boolean
  /** On the wire, link header included. */
  readonly bytes: number
  readonly atOnceTotal: number
  readonly liveTotal: number
  /** Left out: their evidence may be forged, so that `prevent` limits them at most and spares their flows. */
  readonly spoofableTotal: number
  /** Left out: a breaker lets them only count, in every mode. */
  readonly heldTotal: number
  /** Origins of these breakers. */
  readonly tripped: readonly string[]
  /** More were made than could be looked at: the oldest are left out. */
  readonly isPartial: boolean
}

export interface PlannedSource {
  readonly source: string
  /** The most that counted at one time. */
  readonly points: number
  /** When they first sufficed; wall time, ms. */
  readonly atMs: number
}

/** A source whose recorded behaviour the settings judge in another way than those in force. */
export interface ChangedSource extends PlannedSource {
  /** What the kernel counted on automatic decisions against it that were made in that time. */
  readonly packets: number
  /** On the wire, link header included. */
  readonly bytes: number
}

/** Whom other settings of the policy would have blocked. */
export interface ApplyPlan {
  /** Wall time, ms: alerts raised in it were looked at. */
  readonly sinceMs: number
  readonly untilMs: number
  /** Blocked by the new settings and not by those in force, and the reverse: most points first, at most 1,000. */
  readonly more: readonly PlannedSource[]
  readonly fewer: readonly PlannedSource[]
  /** There were more alerts than could be looked at: the oldest are left out. */
  readonly isPartial: boolean
}

/** A scheduled list that settings change. */
export interface PlannedList extends ListDoing {
  readonly name: string
  /** It is imported no more, and stays in force as it is. */
  readonly isLeft: boolean
  /** As they would be in force. */
  readonly entries: number
  readonly badLines: number
  readonly refused: number
  /** Why it could not be looked at; '' where it was. */
  readonly problem: string
}

export interface SettingsPlan extends ApplyPlan {
  readonly more: readonly ChangedSource[]
  readonly fewer: readonly ChangedSource[]
  readonly mode: Mode
  readonly lists: readonly PlannedList[]
  readonly hit: ChangePlan
}

export const noTraffic: PlannedTraffic = { flows: 0, packets: 0, bytes: 0, wireBytesLeast: 0 }

export function plus(a: PlannedTraffic, b: PlannedTraffic): PlannedTraffic {
  return {
    flows: a.flows + b.flows,
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    wireBytesLeast: a.wireBytesLeast + b.wireBytesLeast,
  }
}

/** Rows of one answer. */
export const MAX_ROWS = 1_000

/** What is live comes first, because that is who would notice. */
export function byWeight<T extends { readonly isLive: boolean }>(
  packets: (item: T) => number,
): (a: T, b: T) => number {
  return (a, b) => Number(b.isLive) - Number(a.isLive) || packets(b) - packets(a)
}
