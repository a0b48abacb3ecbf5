/** What the policy proposes to enforce against one source, with everything that led to it. */

import type { Evidence } from '../detect/evidence.js'

export interface Verdict {
  /** `spoofable`: recorded, its packets only counted. */
  readonly kind: 'block' | 'spoofable'
  /** Address to block, canonical text. */
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
