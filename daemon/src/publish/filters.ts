/** The filter of a request: checked, and applied to events of a stream. */

import { BlockList } from 'node:net'
import type { ParseTarget } from '../control/enforcement.js'
import { detectorNames, severities } from '../detect/evidence.js'
import type { Decision } from '../enforce/decision.js'
import { ArgumentError } from '../errors.js'
import { overlaps, type Target } from '../policy/address.js'
import type { Filter__Output } from './generated/idsd/v1/Filter.js'
import type { AlertRow, Filter, FlowRow } from './view.js'

export const DEFAULT_LAST = 100
export const MAX_LAST = 10_000
/** Alerts come with their flows, so fewer of them fit into an answer that holds nothing up. */
export const MAX_LAST_ALERTS = 500
const MAX_PORT = 65_535

/** Which of the fields a method can use; one that would be ignored is refused. */
type Asked = 'port' | 'flow' | 'alert'

/** @throws ArgumentError naming the field that is wrong, or that says nothing about flows */
export function readFlowFilter(message: Filter__Output | null, parseTarget: ParseTarget): Filter {
  return readFilter(message, parseTarget, ['port', 'flow'])
}

/** @throws ArgumentError naming the field that is wrong, or that says nothing about alerts; for more than 500 too */
export function readAlertFilter(message: Filter__Output | null, parseTarget: ParseTarget): Filter {
  const last = message?.last ?? 0
  if (last > MAX_LAST_ALERTS)
    throw new ArgumentError('filter.last', `at most ${MAX_LAST_ALERTS} alerts`, String(last))
  return readFilter(message, parseTarget, ['port', 'alert'])
}

/** @throws ArgumentError also when `filter.port` is set: a decision is about an address, whatever the port */
export function readDecisionFilter(message: Filter__Output | null, parseTarget: ParseTarget): Filter {
  return readFilter(message, parseTarget, [])
}

/** @throws ArgumentError also for what says nothing about audit rows */
export function readAuditFilter(message: Filter__Output | null, parseTarget: ParseTarget): Filter {
  return readFilter(message, parseTarget, [])
}

/** An export is everything that matches. @throws ArgumentError also when `filter.last` is set */
export function readExportFilter(message: Filter__Output | null, parseTarget: ParseTarget): Filter {
  const last = message?.last ?? 0
  if (last !== 0)
    throw new ArgumentError('filter.last', '0 (an export is everything that matches)', String(last))
  return readFlowFilter(message, parseTarget)
}

function readFilter(
  message: Filter__Output | null,
  parseTarget: ParseTarget,
  asked: readonly Asked[],
): Filter {
  const { sinceMs = 0, untilMs = 0, ip = '', port = 0, last = 0 } = message ?? {}
  const { minScore = 0, anomalous = false, detector = '', severity = '' } = message ?? {}
  const refuse = (field: string, expected: string, got: unknown): never => {
    throw new ArgumentError(`filter.${field}`, expected, String(got))
  }
  checkTime('filter.since_ms', sinceMs)
  checkTime('filter.until_ms', untilMs)
  if (untilMs !== 0 && sinceMs > untilMs)
    refuse('since_ms', `a time not after filter.until_ms (${untilMs})`, sinceMs)
  if (port > MAX_PORT) refuse('port', `a port from 1 to ${MAX_PORT}`, port)
  if (last > MAX_LAST) refuse('last', `at most ${MAX_LAST}`, last)
  if (!(minScore >= 0 && minScore <= 1)) refuse('min_score', 'a score in [0, 1]', minScore)
  if (!asked.includes('port') && port !== 0)
    refuse('port', '0 (a decision is about an address, not a port)', port)
  if (!asked.includes('flow')) {
    if (minScore !== 0) refuse('min_score', '0 (only flows have scores)', minScore)
    if (anomalous) refuse('anomalous', 'false (it selects flows)', anomalous)
  }
  if (!asked.includes('alert')) {
    if (detector !== '') refuse('detector', 'nothing (it selects alerts)', detector)
    if (severity !== '') refuse('severity', 'nothing (it selects alerts)', severity)
  }
  const target = ip.trim() === '' ? undefined : parseTarget(ip.trim(), 'filter.ip')
  return {
    ...{ sinceMs, untilMs, target, port, minScore, isAnomalous: anomalous },
    last: last === 0 ? DEFAULT_LAST : last,
    detector: wordOf('filter.detector', detectorNames, detector),
    minSeverity: wordOf('filter.severity', severities, severity),
  }
}

/** One of the words; undefined for ''. @throws ArgumentError naming all of them */
function wordOf<Word extends string>(field: string, words: readonly Word[], text: string): Word | undefined {
  if (text === '') return undefined
  const word = words.find((each) => each === text)
  if (word === undefined) throw new ArgumentError(field, `one of ${words.join(', ')}`, JSON.stringify(text))
  return word
}

/** What a stream shows of the past before it goes on: how many rows, or everything since a time. */
export interface WatchFilter {
  readonly filter: Filter
  /** False: only what happens from now on. */
  readonly replays: boolean
}

/**
 * A stream has no end, so `until_ms` is refused; `last` or `since_ms` ask for the past first.
 * @param most rows of the past at most
 * @throws ArgumentError
 */
export function asWatchFilter(
  message: Filter__Output | null,
  filter: Filter,
  most: number = MAX_LAST,
): WatchFilter {
  if (filter.untilMs !== 0) {
    throw new ArgumentError('filter.until_ms', '0 (a stream has no end)', String(filter.untilMs))
  }
  const asked = message?.last ?? 0
  const last = asked === 0 ? most : asked
  return { filter: { ...filter, last }, replays: asked !== 0 || filter.sinceMs !== 0 }
}

/** Whether a flow has an end in the filter's network and an end with its port; time does not narrow a stream. */
export function flowMatcher({ target, port, minScore, isAnomalous }: Filter): (row: FlowRow) => boolean {
  const inTarget = target === undefined ? undefined : addressMatcher(target)
  return ({ flow, score, reasons }) =>
    (port === 0 || flow.srcPort === port || flow.dstPort === port) &&
    (minScore === 0 || score >= minScore) &&
    (!isAnomalous || (reasons !== undefined && reasons.length > 0)) &&
    (inTarget === undefined || inTarget(flow.src) || inTarget(flow.dst))
}

/** Whether an alert is about an address of the filter's network, and about its port, detector and severity. */
export function alertMatcher({ target, port, detector, minSeverity }: Filter): (row: AlertRow) => boolean {
  const inTarget = target === undefined ? undefined : addressMatcher(target)
  const least = minSeverity === undefined ? 0 : severities.indexOf(minSeverity)
  return ({ evidence }) =>
    (detector === undefined || evidence.detector === detector) &&
    severities.indexOf(evidence.severity) >= least &&
    (port === 0 || evidence.flows.some(({ srcPort, dstPort }) => srcPort === port || dstPort === port)) &&
    (inTarget === undefined || inTarget(evidence.source))
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

/** @throws ArgumentError naming `field` */
export function readTime(field: string, ms: number): number {
  checkTime(field, ms)
  return ms
}

function checkTime(field: string, ms: number): void {
  if (Number.isSafeInteger(ms) && ms >= 0) return
  throw new ArgumentError(field, 'ms since 1970, or 0 for none', String(ms))
}
