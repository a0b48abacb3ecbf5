/** Writes all that is held into empty maps: at once, and one by one where they have not room for all. */

import { KernelError } from '../errors.js'
import type { BlockList } from '../kernel/block-list.js'
import type { Decision } from './decision.js'
import type { HeldEntries } from './held-entries.js'

/**
 * @returns decisions that the maps did not take
 * @throws what is no KernelError
 */
export function loadEntries(
  held: Pick<HeldEntries, 'all' | 'wanted' | 'write'>,
  blockList: Pick<BlockList, 'setMany'>,
): Decision[] {
  const unloaded: Decision[] = []
  try {
    blockList.setMany(
      [...held.all.values()].flatMap((entry) => {
        const wanted = held.wanted(entry)
        return wanted === undefined ? [] : [[entry.target, wanted] as const]
      }),
    )
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    // One by one, to know which find no room.
    for (const entry of held.all.values()) {
      try {
        held.write(entry)
      } catch (fault) {
        if (!(fault instanceof KernelError)) throw fault
        unloaded.push(...entry.decisions.values())
      }
    }
  }
  return unloaded
}
