/** One piece of evidence as it is stored and shown, with the decision it led to. */

import type { Evidence } from '../detect/evidence.js'

export interface Alert {
  /** Counts up from 1; shown as `a<number>`. */
  readonly number: number
  readonly evidence: Evidence
  /** The decision it led to; 0 = none. */
  readonly decisionNumber: number
}

export type NewAlert = Omit<Alert, 'number'>
