/** Which entry of the blocklist holds which rate limit, and what the ladder's fields of an entry say. */

import type { KernelEntry, KernelHits } from './block-list.js'
import type { Limit, LimitCounts, Limiters } from './limiters.js'
import { BlockFlag, blockEntry } from './wire.js'

export interface EntryLimits {
  /**
   * An entry is about to be written with this limit. A limit that it had goes on at the new rate; one that it has no
   * longer stays until `settle`.
   * @throws KernelError ENOSPC when there is no room
   */
  hold(text: string, limit: Limit | undefined): void
  /** Slot that the entry shall point to; 0 = none. */
  slotOf(text: string): number
  /** The entry is written: what it pointed to before is free. */
  settle(text: string): void
  /** The entry is gone. */
  release(text: string): void
  read(slot: number): (Limit & LimitCounts) | undefined
  readonly usedCount: number
}

export function createEntryLimits(limiters: Limiters): EntryLimits {
  /** Slots by the text of the target. */
  const slots = new Map<string, number>()
  /** Slots whose entry is to be written without them. */
  const leaving = new Map<string, number>()

  return {
    hold(text, limit) {
      const slot = slots.get(text)
      if (limit === undefined) {
        if (slot === undefined) return
        leaving.set(text, slot)
        slots.delete(text)
      } else if (slot === undefined) slots.set(text, limiters.take(limit))
      else limiters.change(slot, limit)
    },
    slotOf: (text) => slots.get(text) ?? 0,
    settle(text) {
      const slot = leaving.get(text)
      if (slot === undefined) return
      leaving.delete(text)
      limiters.release(slot)
    },
    release(text) {
      for (const held of [slots, leaving]) {
        const slot = held.get(text)
        if (slot === undefined) continue
        held.delete(text)
        limiters.release(slot)
      }
    },
    read: limiters.read,
    get usedCount() {
      return limiters.usedCount
    },
  }
}

/** What an entry in a map says of trial, spared flows and limit; what is as usual is left out. */
export function ladderOf(
  view: DataView,
  at: number,
  readLimit: (slot: number) => (Limit & LimitCounts) | undefined,
): Pick<KernelEntry & KernelHits, 'trialAction' | 'sparesFlows' | 'limit' | 'limitCounts'> {
  const trialAction = blockEntry.get.trialAction(view, at)
  const slot = blockEntry.get.limiter(view, at)
  const limit = slot === 0 ? undefined : readLimit(slot)
  return {
    ...(trialAction === blockEntry.get.action(view, at) ? {} : { trialAction }),
    ...((blockEntry.get.flags(view, at) & BlockFlag.spareFlows) === 0 ? {} : { sparesFlows: true }),
    ...(limit === undefined
      ? {}
      : {
          limit: { unit: limit.unit, perSecond: limit.perSecond },
          limitCounts: { passed: limit.passed, limited: limit.limited },
        }),
  }
}
