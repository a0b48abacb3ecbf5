/** What the policy proposes to enforce against one source, with everything that led to it. */

import type { Evidence } from '../detect/evidence.js'

export interface Verdict {
  /**
   * `spoofable`: recorded, its packets only counted. `would_block`: only counted too, because without the points of
   * tripped origins it would be none.
   */
  readonly kind: 'block' | 'spoofable' | 'would_block'
  /** Address to block, or the /64 of several, canonical text. */
  readonly source: string
  /** 'model' when more than half of the points are the model's. */
  readonly origin: 'detector' | 'model'
  /** One line: detectors and points. */
  readonly reason: string
  readonly points: number
  /** Length of the block, ms. */
  readonly blockMs: number
  readonly evidence: readonly Evidence[]
}
