/** A plan of an apply, as a page and as a document. */

import type { ApplyPlan } from '../contract.js'
import { changeDocument, changeFields } from './apply.js'
import { blockPlanDocument } from './block-plan.js'
import { type Field, fields } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { localTime, utcMs } from './time.js'
import { count, counted, relative } from './units.js'

type Source = ApplyPlan['more'][number] & { readonly isMore: boolean; readonly live: boolean }

/** Rows on a page; a document has all. */
const MAX_SHOWN = 20

/** `idsd.apply_plan.v1`. */
export function applyPlanDocument(plan: ApplyPlan): Document {
  const sources = (all: ApplyPlan['more']) =>
    all.map(({ source, points, atMs }) => ({ source, points, at: utcMs(atMs) }))
  const { schema: _schema, ...hit } =
    plan.hit === null
      ? { schema: '' }
      : blockPlanDocument(
          plan.more.map(({ source }) => source),
          plan.hit,
        )
  return {
    schema: 'idsd.apply_plan.v1',
    ...changeDocument(plan.change),
    since: utcMs(plan.sinceMs),
    until: utcMs(plan.untilMs),
    more: sources(plan.more),
    fewer: sources(plan.fewer),
    hit: plan.hit === null ? null : hit,
    partial: plan.partial,
  }
}

export function applyPlanPage(name: string, plan: ApplyPlan, nowMs: number, style: Style): string {
  const { colors } = style
  const live = new Set(plan.hit?.addresses.filter((row) => row.live).map(({ address }) => address))
  const rows: Source[] = [
    ...plan.more.map((row) => ({ ...row, isMore: true, live: live.has(row.source) })),
    ...plan.fewer.map((row) => ({ ...row, isMore: false, live: false })),
  ]
  const facts: Field[] = [
    ...changeFields(plan.change, style),
    [
      'looked at',
      `${localTime(plan.sinceMs)} to ${localTime(plan.untilMs)}${plan.partial ? ', not all of it' : ''}`,
    ],
    ['more', `${counted(plan.more.length, 'source')} would have been blocked that were not`],
    ['fewer', `${counted(plan.fewer.length, 'source')} would not have been`],
    [
      'hit',
      plan.hit === null
        ? ''
        : `${counted(plan.hit.hit?.packets ?? 0, 'packet')} of ${counted(plan.hit.hit?.flows ?? 0, 'flow')}`,
    ],
    ['live', live.size === 0 ? '' : colors.yellow(`${count(live.size)} of them`)],
  ]
  const shown = rows.slice(0, MAX_SHOWN)
  const table = shown.length === 0 ? '' : `\n${renderTable(columns(nowMs), shown, style)}`
  const rest = rows.length - shown.length
  const more = rest > 0 ? `${count(rest)} more; -o json shows up to 1,000\n` : ''
  return `would apply ${colors.bold(printable(name))}; nothing was changed\n${fields(facts, style)}${table}${more}`
}

function columns(nowMs: number): readonly Column<Source>[] {
  return [
    { title: 'SOURCE', cell: ({ source }) => source },
    { title: 'WOULD BE', cell: ({ isMore }) => (isMore ? 'blocked' : 'not blocked') },
    { title: 'LIVE', cell: ({ live }) => (live ? 'yes' : '-') },
    { title: 'POINTS', cell: ({ points }) => count(Math.round(points)), align: 'right' },
    { title: 'SINCE', cell: ({ atMs }) => relative(atMs, nowMs) },
  ]
}
