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

/** Lists are asked after the entries of decisions that drop. */
export function fateWithLists(
  { fate, fateWithoutAllow, allows }: Pick<AddressTrace, 'fate' | 'fateWithoutAllow' | 'allows'>,
  action: ListAction,
  isPanic: boolean,
): Pick<AddressTrace, 'fate' | 'fateWithoutAllow'> {
  const isDecided = fateWithoutAllow === 'dropped' || fateWithoutAllow === 'spared'
  if (action === 'none' || isDecided) return { fate, fateWithoutAllow }
  const listed = action === 'count' ? 'counted' : isPanic ? 'spared' : 'dropped'
  return { fate: allows.length > 0 ? 'allowed' : listed, fateWithoutAllow: listed }
}
