/** A plan of an apply, as a page and as a document. */

import type { ApplyPlan } from '../contract.js'
import { changeDocument, changeFields } from './apply.js'
import {
  blockPlanDocument,
  boundWord,
  NONE,
  plannedAddress,
  trafficDocument,
  trafficText,
} from './block-plan.js'
import { listAction, listActionWord, listLimit } from './lists.js'
import { type Field, fields } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { localTime, utcMs } from './time.js'
import { count, counted, relative } from './units.js'
import { word } from './words.js'

type Source = ApplyPlan['more'][number] & { readonly isMore: boolean; readonly live: boolean }
type Address = ApplyPlan['freed'][number] & { readonly isHit: boolean }

/** Rows of a table on a page; a document has all. */
const MAX_SHOWN = 20

/** `idsd.apply_plan.v1`. */
export function applyPlanDocument(plan: ApplyPlan): Document {
  const sources = (all: ApplyPlan['more']) =>
    all.map(({ source, points, atMs, packets, bytes }) => ({
      source,
      points,
      at: utcMs(atMs),
      packets,
      bytes,
    }))
  return {
    schema: 'idsd.apply_plan.v1',
    ...changeDocument(plan.change),
    mode: word(plan.mode, 'MODE'),
    since: utcMs(plan.sinceMs),
    until: utcMs(plan.untilMs),
    more: sources(plan.more),
    fewer: sources(plan.fewer),
    lists: plan.lists.map(({ name, left, action, limit, entries, badLines, refused, problem }) => ({
      ...{ name, left, action: listActionWord(action), limit: listLimit({ limit }), entries },
      ...{ bad_lines: badLines, refused, problem: problem === '' ? null : problem },
    })),
    bound: boundWord(plan.hit?.bound ?? ''),
    hit: plan.hit === null ? null : hitDocument(plan.hit),
    freed: {
      ...trafficDocument(plan.freedTraffic),
      addresses_total: plan.freedTotal,
      addresses: plan.freed.map(plannedAddress),
    },
    partial: plan.partial,
  }
}

/** As of a block, without what is the same for all of this plan. */
function hitDocument(hit: NonNullable<ApplyPlan['hit']>) {
  const {
    recorded,
    hit: sum,
    addresses,
    addresses_total,
    live_total,
    allowed,
    refused,
  } = blockPlanDocument([], hit)
  return { recorded, hit: sum, addresses_total, live_total, addresses, allowed, refused }
}

export function applyPlanPage(name: string, plan: ApplyPlan, nowMs: number, style: Style): string {
  const { colors } = style
  const { hit } = plan
  const live = new Set(hit?.addresses.filter((row) => row.live).map(({ address }) => address))
  const sources: Source[] = [
    ...plan.more.map((row) => ({ ...row, isMore: true, live: live.has(row.source) })),
    ...plan.fewer.map((row) => ({ ...row, isMore: false, live: false })),
  ]
  const addresses: Address[] = [
    ...(hit?.addresses ?? []).map((row) => ({ ...row, isHit: true })),
    ...plan.freed.map((row) => ({ ...row, isHit: false })),
  ]
  const most = hit?.bound === 'PLAN_BOUND_AT_MOST' ? 'at most ' : ''
  const facts: Field[] = [
    ...changeFields(plan.change, style),
    ...plan.lists.map((list): Field => ['list', printable(listText(list))]),
    [
      'looked at',
      `${localTime(plan.sinceMs)} to ${localTime(plan.untilMs)}${plan.partial ? ', not all of it' : ''}`,
    ],
    ['more', `${counted(plan.more.length, 'source')} would have been blocked that were not`],
    ['fewer', `${counted(plan.fewer.length, 'source')} would not have been`],
    [
      'mode',
      plan.mode === 'MODE_DETECT' && sources.length > 0 ? 'detect: what the policy decides only counts' : '',
    ],
    [
      'recorded',
      (hit?.recorded?.packets ?? 0) === 0 ? 'no flow in that time: there is nothing to plan from' : '',
    ],
    ['hit', `${most}${trafficText(hit?.hit ?? NONE)}, of ${counted(hit?.addressesTotal ?? 0, 'far end')}`],
    [
      'live',
      hit === null || hit.liveTotal === 0 ? 'none of them' : colors.yellow(`${count(hit.liveTotal)} of them`),
    ],
    [
      'freed',
      plan.freedTotal === 0
        ? ''
        : `${trafficText(plan.freedTraffic ?? NONE)}, of ${counted(plan.freedTotal, 'far end')}`,
    ],
    ...(hit?.allowed ?? [])
      .slice(0, MAX_SHOWN)
      .map(
        ({ target, entry, spared }): Field => [
          'spared',
          printable(
            `${counted(spared?.packets ?? 0, 'packet')} of ${target}, by the allow entry ${entry?.target ?? ''}`,
          ),
        ],
      ),
    ...(hit?.refused ?? []).flatMap(({ guards }) =>
      guards.map((guard): Field => ['not blocked', printable(guard)]),
    ),
  ]
  const tables = [
    tableOf(sourceColumns(nowMs), sources, sources.length, style),
    tableOf(ADDRESS_COLUMNS, addresses, (hit?.addressesTotal ?? 0) + plan.freedTotal, style),
  ]
  const head = `would apply ${colors.bold(printable(name))}; nothing was changed`
  return `${head}\n${fields(facts, style)}${tables.join('')}`
}

function listText({
  name,
  left,
  entries,
  badLines,
  refused,
  problem,
  ...does
}: ApplyPlan['lists'][number]): string {
  if (problem !== '') return `${name}: not in this plan: ${problem}`
  const size = counted(entries, 'entry')
  if (left) return `${name}: imported no more; its ${size} stay in force: idsctl lists rm ${name} ends them`
  const faults = [
    ...(badLines > 0 ? [counted(badLines, 'bad line')] : []),
    ...(refused > 0 ? [`${counted(refused, 'entry')} refused by a guard`] : []),
  ]
  return `${name}: ${doneText(does)} ${[size, ...faults].join(', ')}`
}

function doneText({ action, limit }: Pick<ApplyPlan['lists'][number], 'action' | 'limit'>): string {
  switch (action) {
    case 'ACTION_COUNT':
      return 'counts'
    case 'ACTION_LIMIT':
      return `${listAction({ action, limit })} for`
    case 'ACTION_SYN_DROP':
      return 'drops the SYNs of'
    case 'ACTION_REJECT':
      return 'rejects'
    default:
      return 'drops'
  }
}

function tableOf<T>(columns: readonly Column<T>[], rows: readonly T[], total: number, style: Style): string {
  const shown = rows.slice(0, MAX_SHOWN)
  if (shown.length === 0) return ''
  const rest = total - shown.length
  const more = rest > 0 ? `${count(rest)} more; -o json shows up to 1,000\n` : ''
  return `\n${renderTable(columns, shown, style)}${more}`
}

function sourceColumns(nowMs: number): readonly Column<Source>[] {
  return [
    { title: 'SOURCE', cell: ({ source }) => source },
    { title: 'WOULD BE', cell: ({ isMore }) => (isMore ? 'blocked' : 'not blocked') },
    { title: 'LIVE', cell: ({ live }) => (live ? 'yes' : '-') },
    { title: 'POINTS', cell: ({ points }) => count(Math.round(points)), align: 'right' },
    { title: 'MET', cell: ({ packets }) => count(packets), align: 'right' },
    { title: 'SINCE', cell: ({ atMs }) => relative(atMs, nowMs) },
  ]
}

const ADDRESS_COLUMNS: readonly Column<Address>[] = [
  { title: 'ADDRESS', cell: ({ address }) => address },
  { title: 'WOULD BE', cell: ({ isHit }) => (isHit ? 'hit' : 'freed') },
  { title: 'LIVE', cell: ({ live }) => (live ? 'yes' : '-') },
  { title: 'FLOWS', cell: ({ traffic }) => count(traffic?.flows ?? 0), align: 'right' },
  { title: 'PACKETS', cell: ({ traffic }) => count(traffic?.packets ?? 0), align: 'right' },
  { title: 'BY', cell: ({ by, target }) => (by === 'policy' ? by : `${by}: ${target}`) },
]
