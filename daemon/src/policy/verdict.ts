/** What the policy proposes to enforce against one source, with everything that led to it. */

import type { Evidence } from '../detect/evidence.js'
import type { Action, LadderName, Limit } from '../enforce/decision.js'

export interface Verdict {
  /**
   * `spoofable`: the evidence may be forged, and the address is in honest use: limited at most, its flows spared.
   * `would_block`: only counted, because without the points of tripped origins it would be none.
   */
  readonly kind: 'block' | 'spoofable' | 'would_block'
  /** Address to block, or the /64 of several, canonical text. */
  readonly source: string
  /** 'model' when more than half of the points are the model's. */
  readonly origin: 'detector' | 'model'
  /** One line: detectors and points. */
  readonly reason: string
  readonly points: number
  readonly action: Action
  /** Of action `limit` only. */
  readonly limit?: Limit
  readonly sparesFlows?: true
  /** The ladder that the source climbs, and its step, 0 the first. */
  readonly ladder: { readonly name: LadderName; readonly step: number }
  /** Length of the block, ms. */
  readonly blockMs: number
  readonly evidence: readonly Evidence[]
}
