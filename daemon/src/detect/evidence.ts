/** What a detector or the model saw of one source: a proposal, never a decision. */

import type { FlowRecord } from '../decode/flow-record.js'

/** Everything that can make evidence, in the order in which people read it. */
export const detectorNames = [
  'scan_vertical',
  'scan_horizontal',
  'slow_scan',
  'login',
  'syn_flood',
  'rate',
  'connections',
  'udp_flood',
  'icmp_flood',
  'exfiltration',
  'model',
  // Not a detector: it tells that one of them lost the power to block.
  'breaker',
] as const

export type DetectorName = (typeof detectorNames)[number]

/** From least to most. */
export const severities = ['low', 'medium', 'high', 'critical'] as const

export type Severity = (typeof severities)[number]

export interface Evidence {
  /** Address that it is about, canonical text: the suspect, or the victim when `about` is `destination`. */
  readonly source: string
  /** `destination`: what is flooded from many sources, none of which can be named; never carries points. */
  readonly about: 'source' | 'destination'
  readonly detector: DetectorName
  /** ATT&CK technique, e.g. `T1046`; '' where none fits. */
  readonly technique: string
  readonly severity: Severity
  /** In words, with numbers against thresholds. */
  readonly text: string
  /** 0: an alert that never leads to a decision. */
  readonly points: number
  /** Its points count at least so long, ms: twice the window of its detector. */
  readonly pointsLastMs: number
  /** A counted flow has the kernel's `path_proven` bit and proves that this source receives what is sent to it. */
  readonly isProven: boolean
  /** Wall time, ms since 1970. */
  readonly atMs: number
  /** Wall time when the evidence was complete: its last packet, or the end of the wait for an answer; us since 1970. */
  readonly packetUs: number
  /** Some of the flows behind it, at most 20. */
  readonly flows: readonly FlowRecord[]
  /** Scores of `flows` in their order; NaN where a flow was not scored. */
  readonly scores: readonly number[]
}
