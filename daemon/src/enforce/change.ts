/** What becomes of a decision, and the clocks that it is told by. */

import type { Decision } from './decision.js'

export type ChangeKind = 'added' | 'lifted' | 'expired' | 'repaired' | 'displaced'

export interface Change {
  readonly kind: ChangeKind
  readonly decision: Decision
  /** Wall time, ms. */
  readonly atMs: number
}

export interface Clock {
  /** Wall time, ms. */
  nowMs(): number
  /** CLOCK_BOOTTIME, us. */
  bootUs(): number
}
