/** All about one address on one page: what becomes of it, why, since when, and how to undo it. */

import type { Decision, Why, WhyEntry } from '../contract.js'
import { actionText, limitedText } from './action.js'
import { decisionPage } from './decision-page.js'
import { listAction } from './lists.js'
import { type Field, fields, section } from './page.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { localTime } from './time.js'
import { byteSize, count, counted, relative } from './units.js'
import { type PinnedWhy, undoOf } from './why.js'
import { word } from './words.js'

/** Features that are shown; the document has all. */
const MAX_WEIGHTS = 6
/** Of each piece of evidence; `decisions get` shows more, and the document has all. */
const MAX_FLOWS = 3

export function whyPage(why: Why, nowMs: number, style: Style): string {
  const { bold, yellow } = style.colors
  const undo = undoOf(why).map(({ command, effect }) => `${printable(command)}   ${printable(effect)}`)
  return [
    `${bold(printable(why.target))} ${headline(why, style)}\n`,
    kernelText(why.entries, why.lists.length > 0, nowMs, style),
    section(
      'Maps and store differ: idsd repairs it by itself, and counts it',
      why.divergences.map((text) => yellow(printable(text))),
      style,
    ),
    listsText(why, nowMs, style),
    insideText(why, style),
    ...why.decisions.map((decision) => `\n${decisionPage(decision, nowMs, style, MAX_FLOWS)}`),
    modelText(why, style),
    allowText(why, style),
    historyText(why, nowMs, style),
    section('Undo', undo.length > 0 ? undo : ['nothing is blocked here'], style),
  ].join('')
}

/** The same from pinned maps alone. */
export function pinnedPage(
  target: string,
  interfaces: readonly PinnedWhy[],
  nowMs: number,
  style: Style,
): string {
  const { bold, yellow } = style.colors
  const parts = interfaces.map((one) => {
    const deciding = one.entries.find(({ isDeciding }) => isDeciding)
    const off = one.isAttached ? '' : yellow(' (the programs left this interface: nothing is enforced)')
    const allows = one.allows.map((allow) => `allowed by ${printable(allow)}`)
    const lists = one.lists.map(({ number, action, limit, expiresAtMs }) => {
      const end = expiresAtMs === 0 ? '' : `, ends ${relative(expiresAtMs, nowMs)}`
      return `imported list ${number}: ${actionText({ action, limit, sparesFlows: false })}${end}`
    })
    return (
      `\n${bold(printable(target))} ${fateText(one.fate, deciding, style, pinnedList(one, nowMs))} on ${printable(one.interface)}${off}\n` +
      kernelText(one.entries, one.lists.length > 0, nowMs, style) +
      section('Lists', lists, style) +
      section(
        'Allow',
        allows.length > 0 ? [...allows, withoutAllow(one, deciding, pinnedList(one, nowMs))] : [],
        style,
      )
    )
  })
  return [
    `${yellow('idsd does not answer: this is read from the pinned maps, and nothing was changed.')}\n`,
    'Who made a decision and why, its evidence and the history are in the store: start idsd to see them.\n',
    'Packets and bytes are those since its last start; what was met before is there again once it runs.\n',
    ...parts,
  ].join('')
}

function headline(why: Why, style: Style): string {
  const deciding = why.entries.find(({ isDeciding }) => isDeciding)
  const text = fateText(word(why.fate, 'FATE'), deciding, style, decidingList(why))
  const allow = why.allows.find(({ inKernel }) => inKernel)?.entry
  return `${text}${why.fate !== 'FATE_ALLOWED' || allow == null ? '' : ` by ${printable(allow.target)}`}`
}

function decidingList({ lists, fateWithoutAllow, atMs }: Why): string {
  const held = lists.flatMap(({ list }) =>
    list === null ? [] : [{ ...list, action: word(list.action, 'ACTION'), text: `the list ${list.name}` }],
  )
  return tellingList(held, word(fateWithoutAllow, 'FATE'), atMs)
}

function pinnedList({ lists, fateWithoutAllow }: PinnedWhy, nowMs: number): string {
  const held = lists.map((list) => ({ ...list, text: `imported list ${list.number}` }))
  return tellingList(held, fateWithoutAllow, nowMs)
}

/** What lists do, strongest first, and what becomes of packets by it. */
const STRENGTHS = [
  ['reject', 'rejected'],
  ['drop', 'dropped'],
  ['syn_drop', 'syn_dropped'],
  ['limit', 'limited'],
] as const

interface HeldBy {
  readonly action: string
  readonly expiresAtMs: number
  readonly text: string
}

/** Of several lists that last the one whose doing it is; the strongest, where nothing is anybody's doing. */
function tellingList(lists: readonly HeldBy[], fate: string, atMs: number): string {
  const lasting = lists.filter(({ expiresAtMs }) => expiresAtMs === 0 || atMs < expiresAtMs)
  const doing = (action: string) => lasting.find((list) => list.action === action)
  const wanted = STRENGTHS.find(([, done]) => done === fate)?.[0]
  const told = wanted && doing(wanted)
  const found = told ?? STRENGTHS.map(([action]) => doing(action)).find((list) => list !== undefined)
  const text = (found ?? lasting[0] ?? lists[0])?.text ?? ''
  return told?.action === 'syn_drop' && doing('limit') !== undefined
    ? `${text}, and lists limit all else`
    : text
}

/** @param list what does it where no entry decides; '' = no list holds it */
function fateText(fate: string, deciding: WhyEntry | undefined, { colors }: Style, list: string): string {
  const whose =
    deciding === undefined
      ? list
      : `${deciding.decisionId || 'an entry without a decision'} (${deciding.target})`
  const by = whose === '' ? '' : ` by ${printable(whose)}`
  switch (fate) {
    case 'dropped':
      return `is ${colors.red('dropped')}${by}`
    case 'counted':
      return `passes and is counted${by}`
    case 'limited':
      return `is ${colors.yellow('limited')}${by}`
    case 'syn_dropped':
      return `passes but for ${colors.yellow('SYNs, which are dropped')}${by}`
    case 'rejected':
      return `is ${colors.red('rejected')}${by}`
    case 'allowed':
      return `is ${colors.green('allowed')}`
    case 'spared':
      return `passes, because all enforcement is stopped (idsctl resume); else kept back${by}`
    default:
      return 'passes: no entry in force covers it'
  }
}

function kernelText(entries: readonly WhyEntry[], isListed: boolean, nowMs: number, style: Style): string {
  const none = isListed ? 'no entry of a decision, but imported lists hold it' : 'no entry'
  if (entries.length === 0) return section('In the kernel', [none], style)
  const columns: readonly Column<WhyEntry>[] = [
    { title: 'ENTRY', cell: ({ target }) => target },
    { title: 'KIND', cell: ({ isExact }) => (isExact ? 'exact' : 'prefix') },
    { title: 'ACTION', cell: entryAction },
    { title: 'STATE', cell: ({ state, isDeciding }) => stateText(state, isDeciding) },
    { title: 'DECISION', cell: ({ decisionId }) => decisionId || '-' },
    { title: 'ORIGIN', cell: ({ origin, reason }) => `${word(origin, 'ORIGIN')}, ${reason}` },
    { title: 'PACKETS', cell: ({ packets }) => count(packets), align: 'right' },
    { title: 'BYTES', cell: ({ bytes }) => byteSize(bytes), align: 'right' },
    { title: 'LAST HIT', cell: ({ lastSeenMs }) => (lastSeenMs === 0 ? '-' : relative(lastSeenMs, nowMs)) },
    { title: 'ENDS', cell: ({ expiresAtMs }) => endText(expiresAtMs, nowMs) },
  ]
  return `\n${style.colors.bold('In the kernel')}\n${indented(renderTable(columns, entries, narrow(style)))}`
}

/** Of pinned maps the action comes as a plain word. */
function entryAction(entry: WhyEntry): string {
  const limited = limitedText(entry)
  return `${actionText(entry)}${limited === '' ? '' : `: ${limited}`}`
}

function stateText(state: string, isDeciding: boolean): string {
  if (state === 'lapsed') return 'lapsed: idsd does not beat'
  if (state === 'expired') return 'expired'
  return isDeciding ? 'in force, decides' : 'in force'
}

function endText(expiresAtMs: number, nowMs: number): string {
  return expiresAtMs === 0 ? 'when unblocked' : `${localTime(expiresAtMs)} (${relative(expiresAtMs, nowMs)})`
}

function listsText({ lists }: Why, nowMs: number, style: Style): string {
  const lines = lists.flatMap(({ list, entry, onTrial }) => {
    if (list === null) return []
    const { name, createdAtMs, expiresAtMs, createdBy, source } = list
    const end = expiresAtMs === 0 ? '' : `, ends ${relative(expiresAtMs, nowMs)}`
    const what = `${name}${onTrial ? ' (on trial)' : ''}: ${listAction(list)} ${entry}`
    const hits = `all of it met ${counted(list.packets, 'packet')}, ${count(list.droppedPackets)} dropped`
    return [
      printable(`${what}, imported ${localTime(createdAtMs)} by ${createdBy} from ${source}${end}; ${hits}`),
    ]
  })
  return section('Lists', lines, style)
}

function insideText({ decisionsInside, target }: Why, style: Style): string {
  if (decisionsInside === 0) return ''
  const inside = `${counted(decisionsInside, 'decision')} about addresses inside it: idsctl decisions list --ip ${target}`
  return section('Inside', [printable(inside)], style)
}

function modelText({ model, modelReason, modelProblem }: Why, style: Style): string {
  const facts: Field[] = [
    ['model', model?.loaded === true ? printable(`${model.name} ${model.version}`) : 'none'],
    ['sha256', printable(model?.sha256 ?? '')],
  ]
  const heading = `\n${style.colors.bold('Model')}\n`
  if (modelReason === null)
    return `${heading}${fields([...facts, ['features', printable(modelProblem)]], style)}`
  const { flow, score, weights } = modelReason
  facts.push([
    'flow',
    printable(`${flow?.id ?? ''}, score ${score.toFixed(3)} (threshold ${model?.threshold ?? '?'})`),
  ])
  const shown = weights.slice(0, MAX_WEIGHTS)
  const columns: readonly Column<(typeof shown)[number]>[] = [
    { title: 'FEATURE', cell: ({ name }) => name },
    { title: 'VALUE', cell: ({ value }) => numberText(value), align: 'right' },
    { title: 'MEDIAN', cell: ({ median }) => numberText(median), align: 'right' },
    { title: 'SCORE WITH MEDIAN', cell: (weight) => weight.score.toFixed(3), align: 'right' },
    { title: 'WEIGHT', cell: (weight) => signed(score - weight.score), align: 'right' },
  ]
  const weighed =
    shown.length === 0
      ? '  no single feature moves the score\n'
      : `  what weighed most: occlusion against the training median\n${indented(renderTable(columns, shown, narrow(style)), 4)}`
  return `${heading}${fields(facts, style)}${weighed}`
}

function allowText(why: Why, style: Style): string {
  const { allows, guards, entries } = why
  const deciding = entries.find(({ isDeciding }) => isDeciding)
  const lines = allows.flatMap(({ entry, inKernel, onTrial }) => {
    if (entry === null) return []
    const { target, source, reason, createdBy, createdAtMs, expiresAtMs, logOnly } = entry
    const who = createdBy === '' ? '' : ` by ${createdBy}`
    const where = source === 'automatic' ? 'guarded' : inKernel ? 'in the kernel' : 'not in the kernel'
    const end = expiresAtMs === 0 ? '' : `, until ${localTime(expiresAtMs)}`
    const kind = `${logOnly ? ', alerts are still raised' : ''}${onTrial ? ', on trial' : ''}`
    return [
      printable(`${target}: ${reason} (${source}${who}, ${localTime(createdAtMs)}${end}; ${where}${kind})`),
    ]
  })
  const otherwise = allows.some(({ inKernel }) => inKernel)
    ? [withoutAllow({ fateWithoutAllow: word(why.fateWithoutAllow, 'FATE') }, deciding, decidingList(why))]
    : []
  const guarded = guards.map((guard) => printable(`guarded: ${guard}`))
  const all = [...lines, ...otherwise, ...guarded]
  return section('Allow', all.length > 0 ? all : ['no entry allows it, no guard protects it'], style)
}

function withoutAllow(
  { fateWithoutAllow }: Pick<PinnedWhy, 'fateWithoutAllow'>,
  deciding: WhyEntry | undefined,
  list: string,
): string {
  const whose = deciding === undefined ? list : deciding.decisionId || deciding.target
  const by = whose === '' ? '' : ` by ${whose}`
  if (fateWithoutAllow === 'dropped') return printable(`without it: dropped${by}`)
  if (fateWithoutAllow === 'limited') return printable(`without it: limited${by}`)
  if (fateWithoutAllow === 'syn_dropped') return printable(`without it: its SYNs are dropped${by}`)
  if (fateWithoutAllow === 'rejected') return printable(`without it: rejected${by}`)
  if (fateWithoutAllow === 'counted') return printable(`without it: passes and is counted${by}`)
  return 'without it: it would pass too'
}

function historyText(why: Why, nowMs: number, style: Style): string {
  const { history, historyTotal, alerts, alertsTotal } = why
  const ended = history.map((decision) => printable(pastText(decision, nowMs)))
  const found = alerts.map(({ id, atMs, severity, text, source }) => {
    const whom = source === why.target ? '' : ` ${source}`
    return printable(`${localTime(atMs)}  ${id || '-'}  alert, ${severity}${whom}: ${text}`)
  })
  const more = [
    ...(historyTotal > history.length ? [`and ${count(historyTotal - history.length)} older decisions`] : []),
    ...(alertsTotal > alerts.length ? [`and ${count(alertsTotal - alerts.length)} older alerts`] : []),
  ]
  const lines = [...ended, ...found, ...more]
  return section('History', lines.length > 0 ? lines : ['nothing is known of it'], style)
}

function pastText(decision: Decision, nowMs: number): string {
  const { id, target, origin, state, reason, ...rest } = decision
  const what = `${word(origin, 'ORIGIN')} ${actionText(decision)} of ${target}`
  const end = `${word(state, 'DECISION_STATE')} ${relative(rest.endedAtMs, nowMs)}`
  return `${localTime(rest.createdAtMs)}  ${id}  ${what}, ${end}, ${counted(rest.packets, 'packet')}: ${reason}`
}

/** At most four digits behind the point, and none where they say nothing. */
function numberText(value: number): string {
  return Number.isInteger(value) ? count(value) : String(Number(value.toPrecision(6)))
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(3)}`
}

function indented(text: string, columns = 2): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(columns))
}

function narrow(style: Style): Style {
  return { ...style, width: style.width === undefined ? undefined : style.width - 4 }
}
