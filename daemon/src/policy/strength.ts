/** How much of what arrives an action keeps back, as a number to compare by. Pure. */

import type { Action } from '../enforce/decision.js'

/** What is needed of a verdict, a decision or an entry. */
export interface Acting {
  readonly action: Action
  readonly sparesFlows?: boolean
}

/** Of drop and reject, which keep everything back. */
export const BAN = 4

/** 0 for what only observes; 1 and 2 for limit and SYN drop, 3 and 4 for drop and reject, the lower one where flows are spared. */
export function strengthOf({ action, sparesFlows = false }: Acting): number {
  if (action === 'count') return 0
  const isBan = action === 'drop' || action === 'reject'
  return (isBan ? BAN : 2) - (sparesFlows ? 1 : 0)
}
