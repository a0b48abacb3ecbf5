/** A decision as it is stored and enforced: what is blocked, by whom, why, until when. */

import type { Evidence } from '../detect/evidence.js'

export type Mode = 'prevent' | 'detect'
export type Origin = 'operator' | 'detector' | 'model' | 'list'
/** The ladder, as in `enum block_action`: `count` observes, `limit` and `synDrop` keep back a part of what arrives. */
export type Action = 'drop' | 'count' | 'limit' | 'synDrop' | 'reject'
/** What a decision to limit lets through. `bits` are those of the IP total length. */
export interface Limit {
  readonly unit: 'packets' | 'bits'
  readonly perSecond: number
}

/**
 * Which ladder of actions a source climbs: `proven` to receive what is sent to it, `unproven`, or `spoofable` because it
 * is in honest use while the evidence may be forged.
 */
export type LadderName = 'proven' | 'unproven' | 'spoofable'

/**
 * `block`: enforced. `would_block`: automatic, in mode `detect` or by a tripped origin; its entry only counts. `spoofable`:
 * the evidence may be forged, and the address is in honest use or guarded, so it is limited at most, its flows spared.
 */
export type DecisionKind = 'block' | 'would_block' | 'spoofable'
export type DecisionState = 'active' | 'expired' | 'lifted' | 'displaced'

export interface Decision {
  /** Counts up from 1; what the kernel entry carries. Shown to people as `d<number>`. */
  readonly number: number
  /** Canonical address (no `/32`, no `/128`) or CIDR with host bits cleared. */
  readonly target: string
  readonly action: Action
  /** Of action `limit` only, and there always. */
  readonly limit?: Limit
  /** Packets of flows with a proven path, and of those that our side opened, pass. */
  readonly sparesFlows?: true
  readonly kind: DecisionKind
  readonly origin: Origin
  readonly mode: Mode
  readonly reason: string
  readonly createdBy: string
  /** Wall time, ms since 1970. */
  readonly createdAtMs: number
  /** Wall time, ms; 0 = until lifted. */
  readonly expiresAtMs: number
  readonly state: DecisionState
  /** Wall time, ms; 0 while active. */
  readonly endedAtMs: number
  readonly evidence: readonly Evidence[]
  /** The step that policy took with it, 0 the first; absent where policy took none, or it is not enforced. */
  readonly ladder?: { readonly name: LadderName; readonly step: number }
}

export interface AllowEntry {
  readonly target: string
  readonly reason: string
  readonly createdAtMs: number
  readonly createdBy: string
  readonly source: 'operator' | 'config' | 'automatic'
  /** Wall time when it ends, ms; absent = until it is taken out. */
  readonly expiresAtMs?: number
  /** Never blocked, but what detectors find is still an alert; absent: nothing is told of the address. */
  readonly isLogOnly?: true
}

/** Hits of one map entry, counted in the kernel. */
export interface EntryHits {
  readonly packets: number
  readonly bytes: number
  /** Wall time, ms; 0 = never. */
  readonly lastSeenMs: number
  /** Packets that its limit let through and kept back; absent where there were none. */
  readonly limitCounts?: { readonly passed: number; readonly limited: number } | undefined
}

/** Counters of a map entry as they stood: what they counted until then is in the decision's total. */
export interface HitReading {
  /** Whose maps: `incarnation` of their description; 0 = they are not known. */
  readonly maps: number
  readonly packets: number
  readonly bytes: number
  readonly passed: number
  readonly limited: number
}

/** What a decision met in all, with the reading that belongs to it: the two are stored together. */
export interface KeptHits extends EntryHits {
  readonly reading?: HitReading
}

/** From here on numbers are of decisions that no store holds: the upper half of what a map entry can carry. */
export const firstUnstored = 2 ** 31
