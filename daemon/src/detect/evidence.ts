/** What a detector or the model saw of one source: a proposal, never a decision. */

import type { FlowRecord } from '../decode/flow-record.js'

export type DetectorName = 'scan_vertical' | 'login' | 'model'

export type Severity = 'low' | 'medium' | 'high'

export interface Evidence {
  /** Address of the suspect, canonical text. */
  readonly source: string
  readonly detector: DetectorName
  /** ATT&CK technique, e.g. `T1046`; '' where none fits. */
  readonly technique: string
  readonly severity: Severity
  /** In words, with numbers against thresholds. */
  readonly text: string
  readonly points: number
  /** Wall time, ms since 1970. */
  readonly atMs: number
  /** Wall time of the packet that completed the evidence, us since 1970. */
  readonly packetUs: number
  /** Some of the flows behind it, at most 20. */
  readonly flows: readonly FlowRecord[]
  /** Scores of `flows` in their order; NaN where a flow was not scored. */
  readonly scores: readonly number[]
}
