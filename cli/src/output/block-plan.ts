/** A plan of blocks, as a page and as a document. */

import { rateWord } from '../arguments/rate.js'
import type { BlockPlan, PlannedTraffic } from '../contract.js'
import { allowDocument } from './allow.js'
import { type Field, fields } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { localTime, utcMs } from './time.js'
import { byteSize, count, counted, percent } from './units.js'
import { word } from './words.js'

type Address = BlockPlan['addresses'][number]

export const NONE: PlannedTraffic = { flows: 0, packets: 0, bytes: 0, wireBytesLeast: 0 }

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
    action: actionWord(plan.action),
    limit: plan.limit === null ? null : { unit: unitOf(plan.limit), per_second: plan.limit.perSecond },
    spares_flows: plan.sparesFlows,
    bound: boundWord(plan.bound),
    since: utcMs(plan.sinceMs),
    until: utcMs(plan.untilMs),
    recorded: trafficDocument(plan.recorded),
    hit: trafficDocument(plan.hit),
    addresses_total: plan.addressesTotal,
    live_total: plan.liveTotal,
    addresses: plan.addresses.map(plannedAddress),
    allowed: plan.allowed.map(({ target, entry, spared }) => ({
      target,
      entry: entry === null ? null : allowDocument(entry),
      spared: trafficDocument(spared),
    })),
    refused: plan.refused,
  }
}

/** A row of a document. */
export function plannedAddress({ address, target, by, traffic, lastSeenMs, live }: Address) {
  return {
    ...{ address, target, by: by === '' ? null : by, live, last_seen: utcMs(lastSeenMs) },
    ...trafficDocument(traffic),
  }
}

/** `exact` or `at_most`. */
export function boundWord(bound: string): string {
  return bound === 'PLAN_BOUND_AT_MOST' ? 'at_most' : 'exact'
}

function actionWord(action: string): string {
  return action === 'ACTION_COUNT' ? 'observe' : word(action, 'ACTION')
}

function unitOf({ unit }: NonNullable<BlockPlan['limit']>): 'bits' | 'packets' {
  return unit === 'LIMIT_UNIT_BITS' ? 'bits' : 'packets'
}

export function trafficDocument(traffic: PlannedTraffic | null) {
  const { flows, packets, bytes, wireBytesLeast } = traffic ?? NONE
  return { flows, packets, bytes, wire_bytes_least: wireBytesLeast }
}

export function blockPlanPage(targets: readonly string[], plan: BlockPlan, style: Style): string {
  const { colors } = style
  const hit = plan.hit ?? NONE
  const recorded = plan.recorded ?? NONE
  const what = targets.length === 1 ? printable(targets[0] as string) : counted(targets.length, 'target')
  const facts: Field[] = [
    [
      'recorded',
      recorded.packets === 0
        ? 'no flow in that time: there is nothing to plan from'
        : `${localTime(plan.sinceMs)} to ${localTime(plan.untilMs)}, ${trafficText(recorded)}`,
    ],
    ['hit', `${most(plan)}${trafficText(hit)} (${percent(hit.packets, recorded.packets)} of the packets)`],
    ['at most', isAtMost(plan) ? whyAtMost(plan) : ''],
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
  const head = headline(plan, hit.packets, colors.bold(what))
  return `${head}; nothing was changed\n${fields(facts, style)}${table}${more}`
}

/** What would have been done, to how many packets. */
function headline(plan: BlockPlan, packets: number, what: string): string {
  const { action, limit } = plan
  const spared = plan.sparesFlows ? ', flows spared' : ''
  const at = most(plan)
  switch (action) {
    case 'ACTION_COUNT':
      return `would have counted ${counted(packets, 'packet')} of ${what}, and dropped none`
    case 'ACTION_LIMIT': {
      const rate =
        limit === null ? '' : ` to ${rateWord({ unit: unitOf(limit), perSecond: limit.perSecond })}`
      return `would have dropped ${at}${counted(packets, 'packet')} by a limit${rate} of ${what}${spared}`
    }
    case 'ACTION_SYN_DROP':
      return `would have dropped ${at}${counted(packets, 'SYN')} of ${what}`
    default: {
      const verb = action === 'ACTION_REJECT' ? 'rejected' : 'dropped'
      return `would have ${verb} ${at}${counted(packets, 'packet')} by a block of ${what}${spared}`
    }
  }
}

function isAtMost({ bound }: BlockPlan): boolean {
  return bound === 'PLAN_BOUND_AT_MOST'
}

function most(plan: BlockPlan): string {
  return isAtMost(plan) ? 'at most ' : ''
}

function whyAtMost({ action, sparesFlows }: BlockPlan): string {
  const spared = sparesFlows ? ', and so do proven flows from their proof on' : ''
  if (action === 'ACTION_LIMIT') return `this is all that arrived: what is within the limit passes${spared}`
  if (action === 'ACTION_SYN_DROP')
    return 'these are SYNs of connections that they began; records hold answers too'
  return 'flows pass from their proof on'
}

export function trafficText({ flows, packets, bytes, wireBytesLeast }: PlannedTraffic): string {
  const size = `${byteSize(bytes)} payload, at least ${byteSize(wireBytesLeast)} on the wire`
  return `${counted(flows, 'flow')}, ${counted(packets, 'packet')}, ${size}`
}
