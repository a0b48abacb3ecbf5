/**
 * What each decision met. A map entry counts for its target, from 0 at every start of the daemon; a decision may share
 * the entry with others and outlive the daemon.
 */

import type { BlockList, KernelEntry, KernelHits } from '../kernel/block-list.js'
import type { Target } from '../policy/address.js'
import type { Store } from '../record/store.js'
import type { Decision, EntryHits } from './decision.js'

/** Counters of a target's entry at the last look. */
export interface Reading {
  packets: number
  bytes: number
}

export interface HitLedger {
  /** Reads the entry; what it met since the last look is the decision's that it carries. */
  look(entry: {
    readonly target: Target
    readonly decisions: ReadonlyMap<number, Decision>
    readonly reading: Reading
  }): (KernelEntry & KernelHits) | undefined
  /** Begins a new decision at 0. */
  begin(number: number): void
  /** Earlier runs of the daemon included. */
  of(number: number): EntryHits
  /** Stores what changed since the last call. @throws StoreError; then it is all tried again at the next call */
  save(): void
  forget(number: number): void
}

export interface HitLedgerOptions {
  readonly blockList: Pick<BlockList, 'get'>
  readonly store: Pick<Store, 'hits' | 'saveHits'>
  /** Wall time minus CLOCK_BOOTTIME, ms. */
  readonly wallMinusBootMs: () => number
}

const none: EntryHits = { packets: 0, bytes: 0, lastSeenMs: 0 }

export function createHitLedger({ blockList, store, wallMinusBootMs }: HitLedgerOptions): HitLedger {
  /** Of a decision that was restored only once it was asked for. */
  const totals = new Map<number, EntryHits>()
  const unsaved = new Set<number>()

  const of = (number: number): EntryHits => {
    const known = totals.get(number) ?? store.hits(number) ?? none
    totals.set(number, known)
    return known
  }

  return {
    look({ target, decisions, reading }) {
      const found = blockList.get(target)
      // Counters that went back belong to an entry that was made anew.
      const isAnew = found === undefined || found.packets < reading.packets
      const before = isAnew ? none : { ...reading }
      reading.packets = found?.packets ?? 0
      reading.bytes = found?.bytes ?? 0
      if (found === undefined || found.packets === before.packets || !decisions.has(found.decision))
        return found
      const total = of(found.decision)
      totals.set(found.decision, {
        packets: total.packets + found.packets - before.packets,
        bytes: total.bytes + found.bytes - before.bytes,
        lastSeenMs: Math.round(found.lastSeenBootUs / 1000 + wallMinusBootMs()),
      })
      unsaved.add(found.decision)
      return found
    },
    begin: (number) => {
      totals.set(number, none)
    },
    of,
    save() {
      if (unsaved.size === 0) return
      store.saveHits([...unsaved].map((number) => [number, of(number)] as const))
      unsaved.clear()
    },
    forget(number) {
      totals.delete(number)
      unsaved.delete(number)
    },
  }
}
