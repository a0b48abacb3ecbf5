/** A block entry as words of `struct block_entry`, and back. */

import type { Target } from '../policy/address.js'
import type { KernelEntry, KernelHits } from './block-list.js'
import { type EntryLimits, ladderOf } from './entry-limits.js'
import { BlockFlag, blockEntry } from './wire.js'

export interface EntryWords {
  /** All but the address and the end, which readers in the kernel meet in an order of their own. @param at bytes */
  write(view: DataView, at: number, target: Target, entry: KernelEntry): void
  read(view: DataView, at: number): KernelEntry & KernelHits
}

/** `NEVER_LEASED` of bpf/wire.h. */
const neverLeased = 0xffff_ffff
/** Unit of `leased_from`, us. */
const leaseUnitUs = 2 ** 30 / 1000

/** Rounded up: until then the entry needs no beat. */
function leaseWord(fromBootUs: number | undefined): number {
  return fromBootUs === undefined
    ? neverLeased
    : Math.min(neverLeased - 1, Math.ceil(fromBootUs / leaseUnitUs))
}

/** Of the word `leased_from` of an entry. */
export function leaseOf(word: number): Pick<KernelEntry, 'leasedFromBootUs'> {
  return word === neverLeased ? {} : { leasedFromBootUs: Math.round(word * leaseUnitUs) }
}

/** @param limits hold those of the entries, before they are written */
export function createEntryWords(limits: Pick<EntryLimits, 'slotOf' | 'read'>): EntryWords {
  const write: EntryWords['write'] = (view, at, target, entry) => {
    // The limit before the action that asks for it.
    blockEntry.set.limiter(view, at, limits.slotOf(target.text))
    blockEntry.set.flags(view, at, entry.sparesFlows === true ? BlockFlag.spareFlows : 0)
    blockEntry.set.decision(view, at, entry.decision)
    blockEntry.set.action(view, at, entry.action)
    blockEntry.set.trialAction(view, at, entry.trialAction ?? entry.action)
    blockEntry.set.origin(view, at, entry.origin)
    blockEntry.set.reason(view, at, entry.reason)
    blockEntry.set.prefix(view, at, target.prefix)
    blockEntry.set.leasedFrom(view, at, leaseWord(entry.leasedFromBootUs))
  }

  const read: EntryWords['read'] = (view, at) => ({
    decision: blockEntry.get.decision(view, at),
    action: blockEntry.get.action(view, at),
    origin: blockEntry.get.origin(view, at),
    reason: blockEntry.get.reason(view, at),
    expiresBootUs: Math.round(blockEntry.get.expiresNs(view, at) / 1000),
    packets: blockEntry.get.packets(view, at),
    bytes: blockEntry.get.bytes(view, at),
    lastSeenBootUs: Math.round(blockEntry.get.lastSeenNs(view, at) / 1000),
    ...leaseOf(blockEntry.get.leasedFrom(view, at)),
    ...ladderOf(view, at, limits.read),
  })

  return { write, read }
}
