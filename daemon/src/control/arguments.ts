/** Checks of request fields that more than one command takes. */

import { ArgumentError } from '../errors.js'
import type { Target } from '../policy/address.js'
import { isInRange, RATES } from '../rate.js'
import type { BlockOrder, ParseTarget } from './enforcement.js'

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

/** Longest trial, ms: who has not confirmed by then is not there. */
export const MAX_CONFIRM_MS = 86_400_000

/** @returns for how long a change is on trial, ms; 0 = it is none. @throws ArgumentError `confirm_ms` */
export function checkConfirm(confirmMs = 0): number {
  const isLength = Number.isInteger(confirmMs) && confirmMs >= MIN_TTL_MS && confirmMs <= MAX_CONFIRM_MS
  if (confirmMs === 0 || isLength) return confirmMs
  throw new ArgumentError('confirm_ms', '0 (for good) or 1000 ms to 24 h', String(confirmMs))
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

/** What an order may say besides its action. @throws ArgumentError `limit`, `spares_flows` */
export function checkDoing({ action, limit, sparesFlows }: Acting): void {
  if (action === 'limit' && limit === undefined) {
    throw new ArgumentError('limit', 'packets or bits per second with ACTION_LIMIT', 'nothing')
  }
  if (action !== 'limit' && limit !== undefined) {
    throw new ArgumentError('limit', 'nothing but with ACTION_LIMIT', `${limit.perSecond} ${limit.unit}/s`)
  }
  if (limit !== undefined) {
    const [least, most] = RATES[limit.unit]
    if (!isInRange(limit))
      throw new ArgumentError('limit', `${least} to ${most} ${limit.unit}/s`, `${limit.perSecond}`)
  }
  if (sparesFlows && action === 'count') {
    throw new ArgumentError('spares_flows', 'false with ACTION_COUNT, which lets everything pass', 'true')
  }
}

type Acting = Pick<BlockOrder, 'action' | 'limit' | 'sparesFlows'>
