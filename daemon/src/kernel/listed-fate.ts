/** What becomes of packets when imported lists are asked behind the entries of decisions: `block_stage` of `bpf/lists.h`. */

import type { AddressTrace } from './address-trace.js'
import type { TableList } from './list-table.js'

/** What lists do to packets, but for allow entries and a panic. */
export type ListAction = 'drop' | 'count' | 'none'

/** @param lists that hold an address @param bootUs CLOCK_BOOTTIME, us: lists that are over do nothing */
export function actionOf(lists: readonly TableList[], bootUs: number): ListAction {
  const lasting = lists.filter(({ expiresBootUs }) => expiresBootUs === 0 || bootUs < expiresBootUs)
  if (lasting.some(({ action }) => action === 'drop')) return 'drop'
  return lasting.length > 0 ? 'count' : 'none'
}

type Listable = Pick<AddressTrace, 'fate' | 'fateWithoutAllow' | 'allows'> & {
  readonly entries: readonly { readonly isDeciding: boolean }[]
}

/**
 * Lists are asked after the entries of decisions, about what these let pass.
 * @returns the trace with what becomes of its packets; where that is the lists' doing, no entry decides
 */
export function withLists<T extends Listable>(trace: T, action: ListAction, isPanic: boolean): T {
  const listed = listedFate(trace.fateWithoutAllow, action, isPanic)
  if (listed === undefined) return trace
  return {
    ...trace,
    fate: trace.allows.length > 0 ? 'allowed' : listed,
    fateWithoutAllow: listed,
    entries: trace.entries.map((entry) => ({ ...entry, isDeciding: false })),
  }
}

/** What lists make of it; undefined where the entries of decisions tell. */
function listedFate(
  decided: AddressTrace['fateWithoutAllow'],
  action: ListAction,
  isPanic: boolean,
): AddressTrace['fateWithoutAllow'] | undefined {
  if (action === 'count') return decided === 'passes' ? 'counted' : undefined
  if (action === 'none' || decided === 'dropped' || decided === 'rejected' || decided === 'spared')
    return undefined
  return isPanic ? 'spared' : 'dropped'
}
