/** What moves now, on one page. */

import type { Top } from '../contract.js'
import { kindText } from './decision.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { localTime } from './time.js'
import type { Rate, TopRates } from './top-rates.js'
import { byteSize, count, relative, span } from './units.js'
import { word } from './words.js'

/** Lines that are there whatever happens: head, rates, three headings with their blanks and headers. */
const FIXED_LINES = 15

/** How many rows each list may have on a terminal of so many lines. */
export function rowsFor(lines: number): number {
  return Math.max(1, Math.floor((lines - FIXED_LINES) / 3))
}

/** @param rows of each list at most */
export function topPage(now: Top, rates: TopRates, rows: number, style: Style): string {
  const { status, suspects, atMs, windowMs } = now
  const { bold, dim } = style.colors
  const uptime = span(Math.max(0, atMs - (status?.startedAtMs ?? atMs)))
  const head = `${bold(`idsd ${printable(status?.version ?? '')}`)}  mode ${modeText(now, style)}  up ${uptime}  ${localTime(atMs)}`
  const over = dim(`payload and flows of the last ${span(windowMs)}, per second`)
  return [
    `${head}\n\n`,
    ...rateLines(now, rates, style),
    `\n${bold('Sources')}  ${over}\n`,
    list(sourceColumns, rates.sources.slice(0, rows), 'no flow record came', style),
    `\n${bold('Suspects')}\n`,
    list(suspectColumns, suspects.slice(0, rows), 'nobody has points', style),
    `\n${bold('Decisions')}  ${dim(`${count(status?.decisionsActive ?? 0)} active; those with most hits first`)}\n`,
    list(decisionColumns(atMs), rates.decisions.slice(0, rows), 'nothing is blocked', style),
  ].join('')
}

function modeText({ status }: Top, { colors }: Style): string {
  const mode = word(status?.mode ?? '', 'MODE')
  if (status?.panic != null) return colors.bold(colors.red(`${mode}, PANIC: nothing is dropped`))
  return mode === 'detect' ? colors.yellow(mode) : mode
}

function rateLines({ status }: Top, rates: TopRates, { colors }: Style): string[] {
  const line = (name: string, { packets, bytes }: Rate) =>
    `  ${name.padEnd(8)}${perSecond(packets).padStart(12)} packets/s${bitRate(bytes).padStart(14)}\n`
  const losses = Object.entries(status?.lost ?? {}).filter(([, lost]) => lost > 0)
  const lost = `${perSecond(rates.lost)} lost/s`
  const since =
    losses.length === 0
      ? ''
      : ` (since the start: ${losses.map(([cause, n]) => `${printable(cause)} ${count(n)}`).join(', ')})`
  return [
    line('in', rates.ingress),
    line('out', rates.egress),
    line('dropped', rates.dropped),
    `  ${perSecond(rates.newFlows)} new flows/s, ${perSecond(rates.flowRecords)} records/s, `,
    `${perSecond(rates.alerts)} alerts/s, ${rates.lost > 0 ? colors.yellow(lost) : lost}${since}\n`,
  ]
}

function list<T>(columns: readonly Column<T>[], items: readonly T[], none: string, style: Style): string {
  return items.length === 0 ? `  ${style.colors.dim(none)}\n` : renderTable(columns, items, style)
}

const sourceColumns: readonly Column<TopRates['sources'][number]>[] = [
  { title: '  SOURCE', cell: ({ address }) => `  ${address}`, minWidth: 20 },
  { title: 'SENT', cell: ({ bytesFwd }) => `${byteSize(Math.round(bytesFwd))}/s`, align: 'right' },
  { title: 'BACK', cell: ({ bytesBwd }) => `${byteSize(Math.round(bytesBwd))}/s`, align: 'right' },
  { title: 'PACKETS', cell: ({ packets }) => `${perSecond(packets)}/s`, align: 'right' },
  { title: 'NEW FLOWS', cell: ({ flows }) => `${perSecond(flows)}/s`, align: 'right' },
]

const suspectColumns: readonly Column<Top['suspects'][number]>[] = [
  { title: '  SOURCE', cell: ({ address }) => `  ${address}` },
  { title: 'POINTS', cell: ({ points }) => String(points), align: 'right' },
]

const decisionColumns = (nowMs: number): readonly Column<TopRates['decisions'][number]>[] => [
  { title: '  ID', cell: ({ decision }) => `  ${decision.id}` },
  { title: 'TARGET', cell: ({ decision }) => decision.target },
  { title: 'KIND', cell: ({ decision }) => kindText(decision) },
  { title: 'ACTION', cell: ({ decision }) => word(decision.action, 'ACTION') },
  { title: 'HITS', cell: ({ packets }) => `${perSecond(packets)}/s`, align: 'right' },
  { title: 'PACKETS', cell: ({ decision }) => count(decision.packets), align: 'right' },
  {
    title: 'ENDS',
    cell: ({ decision }) =>
      decision.expiresAtMs === 0 ? 'when unblocked' : relative(decision.expiresAtMs, nowMs),
  },
  { title: 'REASON', cell: ({ decision }) => decision.reason },
]

/** Whole numbers from 10 on, below with one digit behind the point. */
function perSecond(rate: number): string {
  return rate >= 10 || Number.isInteger(rate) ? count(Math.round(rate)) : rate.toFixed(1)
}

/** Decimal units of bits, as links are rated. */
function bitRate(bytes: number): string {
  const bits = bytes * 8
  for (const [unit, size] of [
    ['Gbit/s', 1e9],
    ['Mbit/s', 1e6],
    ['kbit/s', 1e3],
  ] as const) {
    if (bits >= size) return `${(bits / size).toFixed(bits >= size * 100 ? 0 : 1)} ${unit}`
  }
  return `${Math.round(bits)} bit/s`
}
