/** How to undo the lift of a block. */

import type { Decision } from '../contract.js'
import { actionOptions } from './action.js'
import { shellWord } from './page.js'
import { ttlText } from './units.js'

/** The command that makes the same block again, for the rest of its time. */
export function blockAgain(decision: Decision, nowMs: number): string {
  const { target, expiresAtMs, reason } = decision
  const ttl = expiresAtMs === 0 ? '' : ` --ttl ${ttlText(expiresAtMs - nowMs)}`
  const why = reason === '' ? '' : ` --reason ${shellWord(reason)}`
  return `idsctl block ${shellWord(target)}${ttl}${why}${actionOptions(decision)}`
}
