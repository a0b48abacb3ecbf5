/** What an import of a list would have met in the recorded flows. */

import { coveringEntries, entriesInside, entryText, type ListEntries } from '../lists/entries.js'
import { parseTarget, type Target } from '../policy/address.js'
import { MAX_ROWS, type PlannedAction } from './plan.js'
import type { PlannedTargets } from './plan-hits.js'

/** Answers are remembered for so many addresses: flows name the same ones again and again. */
const MAX_REMEMBERED = 65_536

/** The entries of a list as targets of a plan. @param by as in `PlannedAddress` */
export function plannedEntries(entries: ListEntries, does: PlannedAction, by = ''): PlannedTargets {
  const remembered = new Map<string, string | undefined>()
  const search = (address: string) => {
    const [longest] = coveringEntries(entries, parseTarget(address, 'address'))
    return longest === undefined ? undefined : entryText(entries, longest)
  }
  return {
    find(address) {
      if (!remembered.has(address)) {
        if (remembered.size >= MAX_REMEMBERED) remembered.clear()
        remembered.set(address, search(address))
      }
      const target = remembered.get(address)
      return target === undefined ? undefined : { target, by, does }
    },
    overlapping(allow: Target) {
      const [from, to] = entriesInside(entries, allow)
      const last = Math.min(to, from + MAX_ROWS)
      const inside = Array.from({ length: last - from }, (_, i) => from + i)
      const around = coveringEntries(entries, allow).filter((index) => index < from || index >= to)
      return [...around, ...inside].map((index) => entryText(entries, index))
    },
  }
}
