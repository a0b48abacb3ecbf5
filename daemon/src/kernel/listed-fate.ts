/** What becomes of packets when imported lists are asked behind the entries of decisions: `block_stage` of `bpf/lists.h`. */

import type { AddressTrace } from './address-trace.js'
import { type ListAction, listActions, strongestOf } from './list-action.js'
import type { TableList } from './list-table.js'

/** What lists do to packets, but for allow entries and a panic. */
export type ListedAction = ListAction | 'none'

/** @param lists that hold an address @param bootUs CLOCK_BOOTTIME, us: lists that are over do nothing */
export function actionOf(lists: readonly TableList[], bootUs: number): ListedAction {
  const lasting = lists.filter(({ expiresBootUs }) => expiresBootUs === 0 || bootUs < expiresBootUs)
  return strongestOf(lasting.map(({ action }) => action))
}

type UnallowedFate = AddressTrace['fateWithoutAllow']

const FATES: Readonly<Record<ListAction, UnallowedFate>> = {
  count: 'counted',
  limit: 'limited',
  synDrop: 'syn_dropped',
  drop: 'dropped',
  reject: 'rejected',
}

/** Weakest first. */
const strengths: readonly UnallowedFate[] = ['passes', ...listActions.map((action) => FATES[action])]

type Listable = Pick<AddressTrace, 'fate' | 'fateWithoutAllow' | 'allows'> & {
  readonly entries: readonly { readonly isDeciding: boolean }[]
}

/**
 * Lists are asked after the entries of decisions, about what these let pass.
 * @returns the trace with what becomes of its packets; where that is the lists' doing, no entry decides
 */
export function withLists<T extends Listable>(trace: T, action: ListedAction, isPanic: boolean): T {
  const listed = listedFate(trace.fateWithoutAllow, action, isPanic)
  if (listed === undefined) return trace
  return {
    ...trace,
    fate: trace.allows.length > 0 ? 'allowed' : listed,
    fateWithoutAllow: listed,
    entries: trace.entries.map((entry) => ({ ...entry, isDeciding: false })),
  }
}

/** What lists make of it, where they keep back more than the entries of decisions; undefined where these tell. */
function listedFate(
  decided: UnallowedFate,
  action: ListedAction,
  isPanic: boolean,
): UnallowedFate | undefined {
  if (action === 'none' || decided === 'dropped' || decided === 'rejected' || decided === 'spared')
    return undefined
  const listed = FATES[action]
  if (strengths.indexOf(listed) <= strengths.indexOf(decided)) return undefined
  return isPanic && action !== 'count' ? 'spared' : listed
}
