/** How to undo the lift of a block. */

import type { Decision } from '../contract.js'
import { shellWord } from './page.js'
import { ttlText } from './units.js'

/** The command that makes the same block again, for the rest of its time. */
export function blockAgain({ target, expiresAtMs, reason, action }: Decision, nowMs: number): string {
  const ttl = expiresAtMs === 0 ? '' : ` --ttl ${ttlText(expiresAtMs - nowMs)}`
  const why = reason === '' ? '' : ` --reason ${shellWord(reason)}`
  return `idsctl block ${shellWord(target)}${ttl}${why}${action === 'ACTION_COUNT' ? ' --action count' : ''}`
}
