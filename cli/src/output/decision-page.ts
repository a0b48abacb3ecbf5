/** One decision on one page: what, who, when, why, what it did, how to undo it. */

import type { Decision, Evidence } from '../contract.js'
import { actionText, limitedText, metWord } from './action.js'
import { kindText } from './decision.js'
import { flowKind } from './flow.js'
import { type Field, fields } from './page.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { renderTable } from './table.js'
import { localTime } from './time.js'
import { byteSize, counted, relative } from './units.js'
import { word } from './words.js'

const MAX_FLOWS = 20

/** A block explains itself by its action. */
const KINDS: Readonly<Record<string, string>> = {
  DECISION_KIND_BLOCK: '',
  DECISION_KIND_WOULD_BLOCK: 'would block: made in mode detect, so its packets pass and are counted',
  DECISION_KIND_SPOOFABLE:
    'spoofable: the evidence may be forged and the address is in honest use, so it is limited at most',
}

/** What a decision is to a change on trial: idsctl status says until when. */
const TRIALS: Readonly<Record<string, string>> = {
  trial: 'it goes with the change that is on trial, unless that is confirmed',
  confirmed: 'the change on trial lifts it: it is back when that is taken back',
}

/** @param maxFlows shown of each piece of evidence */
export function decisionPage(decision: Decision, nowMs: number, style: Style, maxFlows = MAX_FLOWS): string {
  const { id, target, reason, createdBy, createdAtMs, evidence } = decision
  const isActive = decision.state === 'DECISION_STATE_ACTIVE'
  const head: Field[] = [
    ['target', style.colors.bold(printable(target))],
    ['kind', KINDS[decision.kind] ?? kindText(decision)],
    ['action', doneText(decision)],
    ['state', stateText(decision, style)],
    ['origin', word(decision.origin, 'ORIGIN')],
    ['by', printable(createdBy)],
    ['since', `${localTime(createdAtMs)} (${relative(createdAtMs, nowMs)})`],
    ['until', endText(decision, nowMs)],
    ['on trial', TRIALS[decision.trial] ?? ''],
    ['reason', printable(reason)],
    ['hits', hitsText(decision, nowMs)],
    ['undo', isActive ? undoText(decision) : ''],
  ]
  const points = evidence.reduce((sum, { points }) => sum + points, 0)
  const heading =
    evidence.length === 0 ? '' : `\n${style.colors.bold(`Evidence: ${counted(points, 'point')}`)}\n`
  const why = evidence.map((item) => evidenceText(item, style, maxFlows)).join('')
  return `${style.colors.bold(`Decision ${printable(id)}`)}\n${fields(head, style)}${heading}${why}`
}

function undoText({ id, trial }: Decision): string {
  return trial === 'trial' ? 'idsctl rollback' : `idsctl unblock ${printable(id)}`
}

function evidenceText(
  { detector, text, points, atMs, flows }: Evidence,
  style: Style,
  maxFlows: number,
): string {
  const head = `  ${localTime(atMs)}  ${printable(detector)}, ${counted(points, 'point')}: ${printable(text)}\n`
  return `${head}${flowsText(flows, style, maxFlows)}`
}

/** The flows behind something, as a table that is indented. */
export function flowsText(flows: Evidence['flows'], style: Style, maxFlows = MAX_FLOWS): string {
  const shown = flows.slice(0, maxFlows)
  if (shown.length === 0) return ''
  const narrow = { ...style, width: style.width === undefined ? undefined : style.width - 4 }
  const table = renderTable(flowKind.columns(0), shown, narrow).replace(/^(?=.)/gm, '    ')
  const rest = flows.length - shown.length
  return `${table}${rest > 0 ? `    and ${counted(rest, 'flow')} more; -o json has all\n` : ''}`
}

function doneText(decision: Decision): string {
  const { action, mode, origin } = decision
  const held = mode === 'MODE_DETECT' && origin !== 'ORIGIN_OPERATOR'
  if (action === 'ACTION_COUNT')
    return held ? 'count only (idsd was in detect mode)' : 'count only, nothing is dropped'
  return actionText(decision)
}

function stateText({ state, inKernel, lapsed }: Decision, { colors }: Style): string {
  const text = word(state, 'DECISION_STATE')
  if (state !== 'DECISION_STATE_ACTIVE') return text
  if (lapsed)
    return colors.yellow(`${text}, but lapsed: the daemon has shown no sign of life within the lease`)
  return inKernel
    ? `${text}, in the kernel`
    : colors.yellow(`${text}, but not in the kernel: idsd puts it back`)
}

function endText({ state, expiresAtMs, endedAtMs }: Decision, nowMs: number): string {
  if (state !== 'DECISION_STATE_ACTIVE') return `${localTime(endedAtMs)} (${relative(endedAtMs, nowMs)})`
  return expiresAtMs === 0
    ? 'unblocked by hand'
    : `${localTime(expiresAtMs)} (${relative(expiresAtMs, nowMs)})`
}

function hitsText(decision: Decision, nowMs: number): string {
  const { action, packets, bytes, lastSeenMs } = decision
  if (packets === 0) return 'none yet'
  const limited = limitedText(decision)
  const verb = `${metWord(action)}${limited === '' ? '' : `: ${limited}`}`
  const last = lastSeenMs === 0 ? '' : `, last ${relative(lastSeenMs, nowMs)}`
  return `${counted(packets, 'packet')}, ${byteSize(bytes)} ${verb}${last}`
}
