/** A plan of blocks, as a page and as a document. */

import type { BlockPlan, PlannedTraffic } from '../contract.js'
import { allowDocument } from './allow.js'
import { type Field, fields } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { localTime, utcMs } from './time.js'
import { byteSize, count, counted, percent } from './units.js'

type Address = BlockPlan['addresses'][number]

const NONE: PlannedTraffic = { flows: 0, packets: 0, bytes: 0, wireBytesLeast: 0 }

const COLUMNS: readonly Column<Address>[] = [
  { title: 'ADDRESS', cell: ({ address }) => address },
  { title: 'LIVE', cell: ({ live }) => (live ? 'yes' : '-') },
  { title: 'FLOWS', cell: ({ traffic }) => count(traffic?.flows ?? 0), align: 'right' },
  { title: 'PACKETS', cell: ({ traffic }) => count(traffic?.packets ?? 0), align: 'right' },
  { title: 'PAYLOAD', cell: ({ traffic }) => byteSize(traffic?.bytes ?? 0), align: 'right' },
  { title: 'LAST PACKET', cell: ({ lastSeenMs }) => localTime(lastSeenMs) },
  { title: 'BY', cell: ({ target }) => target },
]

/** Rows on a page; a document has all. */
const MAX_SHOWN = 20

/** `idsd.block_plan.v1`. */
export function blockPlanDocument(targets: readonly string[], plan: BlockPlan): Document {
  return {
    schema: 'idsd.block_plan.v1',
    targets,
    since: utcMs(plan.sinceMs),
    until: utcMs(plan.untilMs),
    recorded: trafficDocument(plan.recorded),
    hit: trafficDocument(plan.hit),
    addresses_total: plan.addressesTotal,
    live_total: plan.liveTotal,
    addresses: plan.addresses.map(({ address, target, traffic, lastSeenMs, live }) => ({
      ...{ address, target, live, last_seen: utcMs(lastSeenMs) },
      ...trafficDocument(traffic),
    })),
    allowed: plan.allowed.map(({ target, entry, spared }) => ({
      target,
      entry: entry === null ? null : allowDocument(entry),
      spared: trafficDocument(spared),
    })),
    refused: plan.refused,
  }
}

function trafficDocument(traffic: PlannedTraffic | null) {
  const { flows, packets, bytes, wireBytesLeast } = traffic ?? NONE
  return { flows, packets, bytes, wire_bytes_least: wireBytesLeast }
}

export function blockPlanPage(targets: readonly string[], plan: BlockPlan, style: Style): string {
  const { colors } = style
  const hit = plan.hit ?? NONE
  const recorded = plan.recorded ?? NONE
  const what = targets.length === 1 ? printable(targets[0] as string) : counted(targets.length, 'target')
  const facts: Field[] = [
    ['recorded', `${localTime(plan.sinceMs)} to ${localTime(plan.untilMs)}, ${trafficText(recorded)}`],
    ['hit', `${trafficText(hit)} (${percent(hit.packets, recorded.packets)} of the packets)`],
    ['far ends', count(plan.addressesTotal)],
    ['live', plan.liveTotal === 0 ? 'none of them' : colors.yellow(`${count(plan.liveTotal)} of them`)],
    ...plan.allowed.map(
      ({ target, entry, spared }): Field => [
        'spared',
        printable(`${spared?.packets ?? 0} packets of ${target}, by the allow entry ${entry?.target ?? ''}`),
      ],
    ),
    ...plan.refused.flatMap(({ guards }) =>
      guards.map((guard): Field => ['refused', colors.yellow(printable(guard))]),
    ),
  ]
  const shown = plan.addresses.slice(0, MAX_SHOWN)
  const table = shown.length === 0 ? '' : `\n${renderTable(COLUMNS, shown, style)}`
  const rest = plan.addressesTotal - shown.length
  const more = rest > 0 ? `${count(rest)} more; -o json shows up to 1,000\n` : ''
  const head = `would have dropped ${counted(hit.packets, 'packet')} by a block of ${colors.bold(what)}`
  return `${head}; nothing was changed\n${fields(facts, style)}${table}${more}`
}

function trafficText({ flows, packets, bytes, wireBytesLeast }: PlannedTraffic): string {
  const size = `${byteSize(bytes)} payload, at least ${byteSize(wireBytesLeast)} on the wire`
  return `${counted(flows, 'flow')}, ${counted(packets, 'packet')}, ${size}`
}
