/** A plan of a mode, as a page and as a document. */

import type { ModePlan } from '../contract.js'
import { allowDocument } from './allow.js'
import { boundWord } from './block-plan.js'
import { decisionDocument } from './decision.js'
import { type Field, fields } from './page.js'
import type { Document } from './print.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { localTime, utcMs } from './time.js'
import { byteSize, count, counted, relative } from './units.js'
import { word } from './words.js'

type Row = ModePlan['decisions'][number]

/** Rows on a page; a document has all. */
const MAX_SHOWN = 20

/** `idsd.mode_plan.v1`. */
export function modePlanDocument(plan: ModePlan): Document {
  return {
    schema: 'idsd.mode_plan.v1',
    before: word(plan.before, 'MODE'),
    mode: word(plan.mode, 'MODE'),
    since: utcMs(plan.sinceMs),
    until: utcMs(plan.untilMs),
    packets: plan.packets,
    bytes: plan.bytes,
    bound: boundWord(plan.bound),
    decisions_total: plan.decisionsTotal,
    at_once_total: plan.atOnceTotal,
    live_total: plan.liveTotal,
    spoofable_total: plan.spoofableTotal,
    held_total: plan.heldTotal,
    tripped: plan.tripped,
    partial: plan.partial,
    decisions: plan.decisions.map(({ decision, atOnce, live, allowedBy }) => ({
      ...{ at_once: atOnce, live },
      allowed_by: allowedBy === null ? null : allowDocument(allowedBy),
      decision: decision === null ? null : decisionDocument(decision),
    })),
  }
}

export function modePlanPage(plan: ModePlan, nowMs: number, style: Style): string {
  const { colors } = style
  const mode = word(plan.mode, 'MODE')
  const verb = mode === 'detect' ? 'let through' : 'dropped'
  const most = plan.partial ? ', at least: more were made than could be looked at' : ''
  const atOnce = counted(plan.atOnceTotal, 'standing decision')
  const bound = plan.bound === 'PLAN_BOUND_AT_MOST' ? 'at most ' : ''
  const facts: Field[] = [
    ['from', `decisions since ${localTime(plan.sinceMs)}, and those that stand${most}`],
    ['decisions', count(plan.decisionsTotal)],
    ['packets', `${bound}${count(plan.packets)}, ${byteSize(plan.bytes)} on the wire, counted in the kernel`],
    [
      'live',
      plan.liveTotal === 0 ? 'none of their targets' : colors.yellow(`${count(plan.liveTotal)} of them`),
    ],
    ['at most', bound === '' ? '' : 'the ladder has steps that let a part pass'],
    [
      'limited',
      plan.spoofableTotal === 0
        ? ''
        : `${counted(plan.spoofableTotal, 'more decision')} would limit at most, flows spared: the evidence may be forged`,
    ],
    [
      'held',
      plan.heldTotal === 0
        ? ''
        : `${counted(plan.heldTotal, 'more decision')} would go on counting: the breaker of ${plan.tripped.join(', ')} is tripped`,
    ],
    [
      'at once',
      plan.before === plan.mode
        ? `nothing: the mode is ${mode} already`
        : `${atOnce} would ${mode === 'detect' ? 'only count' : 'drop'}`,
    ],
  ]
  const shown = plan.decisions.slice(0, MAX_SHOWN)
  const table = shown.length === 0 ? '' : `\n${renderTable(columns(nowMs), shown, style)}`
  const rest = plan.decisionsTotal - shown.length
  const more = rest > 0 ? `${count(rest)} more; -o json shows up to 1,000\n` : ''
  const head = `${colors.bold(mode)} would have ${verb} ${bound}${counted(plan.packets, 'packet')}`
  return `${head}; nothing was changed\n${fields(facts, style)}${table}${more}`
}

function columns(nowMs: number): readonly Column<Row>[] {
  return [
    { title: 'ID', cell: ({ decision }) => decision?.id ?? '-' },
    { title: 'TARGET', cell: ({ decision }) => decision?.target ?? '-' },
    { title: 'LIVE', cell: ({ live }) => (live ? 'yes' : '-') },
    { title: 'MADE', cell: ({ decision }) => relative(decision?.createdAtMs ?? 0, nowMs) },
    { title: 'PACKETS', cell: ({ decision }) => count(decision?.packets ?? 0), align: 'right' },
    { title: 'BYTES', cell: ({ decision }) => byteSize(decision?.bytes ?? 0), align: 'right' },
    { title: 'ALLOWED BY', cell: ({ allowedBy }) => allowedBy?.target ?? '-' },
    { title: 'REASON', cell: ({ decision }) => decision?.reason ?? '' },
  ]
}
