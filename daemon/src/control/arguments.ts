/** Checks of request fields that more than one command takes. */

import { ArgumentError } from '../errors.js'
import type { Target } from '../policy/address.js'
import type { ParseTarget } from './enforcement.js'

/** Shortest block, ms: below it the entry would be gone before anybody could look at it. */
export const MIN_TTL_MS = 1_000
/** Longest block, ms: ten years of 365.25 days. What is meant for ever has no TTL. */
export const MAX_TTL_MS = 315_576_000_000
const MAX_REASON = 200

/** @param field of the request, for the error. @throws ArgumentError naming it */
export function checkTtl(ttlMs: number, field = 'ttl_ms'): number {
  const isLength = Number.isInteger(ttlMs) && ttlMs >= MIN_TTL_MS && ttlMs <= MAX_TTL_MS
  if (ttlMs === 0 || isLength) return ttlMs
  const none = field === 'ttl_ms' ? 'until unblocked' : 'without end'
  throw new ArgumentError(field, `0 (${none}) or 1000 ms to 10 years`, String(ttlMs))
}

/** @throws ArgumentError `reason` when it is too long or would break a line */
export function checkReason(reason: string, byDefault: string): string {
  const text = reason.trim()
  if (text.length > MAX_REASON) {
    throw new ArgumentError('reason', `at most ${MAX_REASON} characters`, `${text.length}`)
  }
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) {
    throw new ArgumentError('reason', 'one line of printable text', JSON.stringify(text))
  }
  return text === '' ? byDefault : text
}

/** @throws ArgumentError `target` */
export function checkTarget(target: string, parseTarget: ParseTarget): Target {
  if (target.trim() === '') throw new ArgumentError('target', 'an address or a CIDR', 'nothing')
  return parseTarget(target.trim(), 'target')
}

/**
 * Canonical address of the caller's own far end, '' when there is none. A zone (`fe80::1%eth0`, as in SSH_CONNECTION)
 * is cut off: the packet carries none.
 * @throws ArgumentError `caller_peer`
 */
export function checkPeer(callerPeer: string, parseTarget: ParseTarget): string {
  const text = callerPeer.trim().replace(/%[^/]*$/, '')
  if (text === '') return ''
  const peer = parseTarget(text, 'caller_peer')
  if (peer.isPrefix) throw new ArgumentError('caller_peer', 'one address', callerPeer)
  return peer.text
}
