/** The filter of a request: checked, and applied to events of a stream. */

import { BlockList } from 'node:net'
import type { ParseTarget } from '../control/enforcement.js'
import type { Decision } from '../enforce/decision.js'
import { ArgumentError } from '../errors.js'
import { overlaps, type Target } from '../policy/address.js'
import type { Filter__Output } from './generated/idsd/v1/Filter.js'
import type { Filter, FlowRow } from './view.js'

export const DEFAULT_LAST = 100
export const MAX_LAST = 10_000
const MAX_PORT = 65_535

/** @throws ArgumentError naming `filter.since_ms`, `filter.until_ms`, `filter.ip`, `filter.port` or `filter.last` */
export function readFilter(message: Filter__Output | null, parseTarget: ParseTarget): Filter {
  const { sinceMs = 0, untilMs = 0, ip = '', port = 0, last = 0 } = message ?? {}
  checkTime('filter.since_ms', sinceMs)
  checkTime('filter.until_ms', untilMs)
  if (untilMs !== 0 && sinceMs > untilMs) {
    throw new ArgumentError(
      'filter.since_ms',
      `a time not after filter.until_ms (${untilMs})`,
      String(sinceMs),
    )
  }
  if (port > MAX_PORT) throw new ArgumentError('filter.port', `a port from 1 to ${MAX_PORT}`, String(port))
  if (last > MAX_LAST) throw new ArgumentError('filter.last', `at most ${MAX_LAST}`, String(last))
  const target = ip.trim() === '' ? undefined : parseTarget(ip.trim(), 'filter.ip')
  return { sinceMs, untilMs, target, port, last: last === 0 ? DEFAULT_LAST : last }
}

/** @throws ArgumentError also when `filter.port` is set: a decision is about an address, whatever the port */
export function readDecisionFilter(message: Filter__Output | null, parseTarget: ParseTarget): Filter {
  const filter = readFilter(message, parseTarget)
  if (filter.port !== 0) {
    throw new ArgumentError(
      'filter.port',
      '0 (a decision is about an address, not a port)',
      String(filter.port),
    )
  }
  return filter
}

/** What a stream shows of the past before it goes on: how many rows, or everything since a time. */
export interface WatchFilter {
  readonly filter: Filter
  /** False: only what happens from now on. */
  readonly replays: boolean
}

/**
 * A stream has no end, so `until_ms` is refused; `last` or `since_ms` ask for the past first.
 * @throws ArgumentError
 */
export function asWatchFilter(message: Filter__Output | null, filter: Filter): WatchFilter {
  if (filter.untilMs !== 0) {
    throw new ArgumentError('filter.until_ms', '0 (a stream has no end)', String(filter.untilMs))
  }
  const asked = message?.last ?? 0
  const last = asked === 0 ? MAX_LAST : asked
  return { filter: { ...filter, last }, replays: asked !== 0 || filter.sinceMs !== 0 }
}

/** Whether a flow has an end in the filter's network and an end with its port; time does not narrow a stream. */
export function flowMatcher({ target, port }: Filter): (row: FlowRow) => boolean {
  const inTarget = target === undefined ? undefined : addressMatcher(target)
  return ({ flow }) =>
    (port === 0 || flow.srcPort === port || flow.dstPort === port) &&
    (inTarget === undefined || inTarget(flow.src) || inTarget(flow.dst))
}

/** Whether a decision's target lies in the filter's network or covers it. */
export function decisionMatcher(
  { target }: Filter,
  parseTarget: ParseTarget,
): (decision: Decision) => boolean {
  if (target === undefined) return () => true
  return (decision) => overlaps(target, parseTarget(decision.target, 'target'))
}

/** Addresses come as canonical text. */
function addressMatcher(target: Target): (address: string) => boolean {
  if (!target.isPrefix) return (address) => address === target.text
  const family = target.family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(target.text.slice(0, target.text.indexOf('/')), target.prefix, family)
  return (address) => address.includes(':') === (family === 'ipv6') && list.check(address, family)
}

function checkTime(field: string, ms: number): void {
  if (Number.isSafeInteger(ms) && ms >= 0) return
  throw new ArgumentError(field, 'ms since 1970, or 0 for none', String(ms))
}
