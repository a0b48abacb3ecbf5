/** What is so before and after a change, in words for the audit. Pure. */

import type { AllowEntry, Decision } from '../enforce/decision.js'
import { stepInWords } from '../policy/ladder.js'

/** At most so many decisions are named one by one. */
const MAX_NAMED = 10

/** `drop until unblocked (d7: scan)`; `not blocked` when there are none. */
export function blocksInWords(decisions: readonly Decision[]): string {
  if (decisions.length === 0) return 'not blocked'
  const named = decisions.slice(0, MAX_NAMED).map(blockInWords)
  const more = decisions.length - named.length
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')
}

function blockInWords(decision: Decision): string {
  const { number, expiresAtMs, reason } = decision
  const until = expiresAtMs === 0 ? 'unblocked' : utc(expiresAtMs)
  return `${stepInWords(decision)} until ${until} (d${number}: ${reason})`
}

/** `not allowed`, or the entry with its end and reason. */
export function allowInWords(entry: AllowEntry | undefined): string {
  if (entry === undefined) return 'not allowed'
  const { expiresAtMs, isLogOnly, reason } = entry
  const until = expiresAtMs === undefined ? 'removed' : utc(expiresAtMs)
  return `allowed until ${until}${isLogOnly ? ', log only' : ''} (${reason})`
}

function utc(atMs: number): string {
  return new Date(atMs).toISOString()
}
