/** What an import of a list would have met in the recorded flows. */

import { coveringEntries, entriesInside, entryText, type ListEntries } from '../lists/entries.js'
import { parseTarget, type Target } from '../policy/address.js'
import { MAX_ROWS } from './plan.js'
import type { PlannedTargets } from './plan-block.js'

/** Answers are remembered for so many addresses: flows name the same ones again and again. */
const MAX_REMEMBERED = 65_536

/** The entries of a list as targets of a plan. */
export function plannedEntries(entries: ListEntries): PlannedTargets {
  const remembered = new Map<string, string | undefined>()
  const search = (address: string) => {
    const [longest] = coveringEntries(entries, parseTarget(address, 'address'))
    return longest === undefined ? undefined : entryText(entries, longest)
  }
  return {
    find(address) {
      if (remembered.has(address)) return remembered.get(address)
      if (remembered.size >= MAX_REMEMBERED) remembered.clear()
      const found = search(address)
      remembered.set(address, found)
      return found
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
