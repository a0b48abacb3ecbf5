/** Lists in memory as the kernel takes them. */

import type { LoadedList } from '../kernel/list-maps.js'
import { breathe } from './breathe.js'
import type { HeldLists } from './list-trial.js'
import { toRanges } from './ranges.js'

/** Ends are wall time in memory, and of the boot clock in the kernel: `clock` is read for each list. */
export async function loadedLists(
  lists: HeldLists,
  clock: { nowMs(): number; bootUs(): number },
): Promise<LoadedList[]> {
  const loaded: LoadedList[] = []
  for (const { row, entries } of lists.values()) {
    const leftMs = row.expiresAtMs - clock.nowMs()
    const expiresBootUs = row.expiresAtMs === 0 ? 0 : Math.max(1, Math.round(clock.bootUs() + leftMs * 1000))
    const { number, action, limit } = row
    const doing = { action, ...(limit === undefined ? {} : { limit }) }
    loaded.push({ number, ...doing, expiresBootUs, ...(await toRanges(entries, breathe)) })
  }
  return loaded
}
