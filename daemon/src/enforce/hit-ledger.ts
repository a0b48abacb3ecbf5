/**
 * What each decision met. A map entry counts for its target, from 0 at every start of the daemon; a decision may share
 * the entry with others and outlive the daemon. A total is stored together with the reading of the entry that it goes up
 * to, so that the next start finds in the earlier maps what is missing, whatever instant the daemon died at, and
 * counts it once.
 */

import type { BlockList, KernelEntry, KernelHits } from '../kernel/block-list.js'
import type { EarlierHits, EntryReading } from '../kernel/earlier-hits.js'
import type { Target } from '../policy/address.js'
import type { Store } from '../record/store.js'
import { StoreError } from '../record/store-error.js'
import { type Decision, type EntryHits, firstUnstored, type HitReading, type KeptHits } from './decision.js'
import { tryAll } from './try-all.js'

/** Counters of a target's entry. */
export type Reading = Omit<HitReading, 'maps'>

export const noReading: Reading = { packets: 0, bytes: 0, passed: 0, limited: 0 }

/** A blocked target, as far as its hits go. */
export interface Counted {
  readonly target: Target
  readonly decisions: ReadonlyMap<number, Decision>
  /** At the last look. */
  reading: Reading
}

export interface HitLedger {
  /** Reads the entry; what it met since the last look is the decision's that it carries. */
  look(entry: Counted): (KernelEntry & KernelHits) | undefined
  /** Begins a new decision at 0. */
  begin(number: number): void
  /** The entry, looked at just before, is to carry this decision from here on: what it counted is not this one's. */
  handOver(entry: Counted, number: number): void
  /** Earlier runs of the daemon included. */
  of(number: number): EntryHits
  /** What is to be stored of it; undefined while earlier maps may still hold a part: what is stored goes with those. */
  kept(number: number): KeptHits | undefined
  /** Stores what changed since the last call. @throws StoreError; then it is all tried again at the next call */
  save(): void
  /**
   * Adds what earlier maps met beyond what is stored: to be called once, when nobody counts there any more. Until then
   * nothing is stored. A fault of the store is told by the next `save`. @throws KernelError after all were tried
   * @param targets of all decisions whose entries may lie there
   */
  settle(earlier: readonly EarlierHits[], targets: readonly Target[]): void
  forget(number: number): void
}

export interface HitLedgerOptions {
  readonly blockList: Pick<BlockList, 'get'>
  readonly store: Pick<Store, 'hits' | 'saveHits' | 'hitReadings'>
  /** Wall time minus CLOCK_BOOTTIME, ms. */
  readonly wallMinusBootMs: () => number
  /** `incarnation` of the maps behind the blocklist; 0: no other start ever reads them, and there are no earlier ones. */
  readonly maps: number
}

const none: EntryHits = { packets: 0, bytes: 0, lastSeenMs: 0 }

export function createHitLedger(options: HitLedgerOptions): HitLedger {
  const { blockList, store, wallMinusBootMs, maps } = options
  /** Of a decision that was restored only once it was asked for. */
  const totals = new Map<number, EntryHits>()
  /** Of the entry that carries a decision, when it was last looked at. */
  const readings = new Map<number, Reading>()
  const unsaved = new Set<number>()
  let settled: number[] = []
  let isSettled = maps === 0

  const of = (number: number): EntryHits => {
    const known = totals.get(number) ?? store.hits(number) ?? none
    totals.set(number, known)
    return known
  }

  const kept = (number: number): KeptHits => ({
    ...of(number),
    reading: { maps, ...(readings.get(number) ?? noReading) },
  })

  const add = (number: number, more: Reading, lastSeenBootUs: number) => {
    const { packets, bytes, lastSeenMs, limitCounts } = of(number)
    const passed = (limitCounts?.passed ?? 0) + more.passed
    const limited = (limitCounts?.limited ?? 0) + more.limited
    const seenMs = lastSeenBootUs === 0 ? 0 : Math.round(lastSeenBootUs / 1000 + wallMinusBootMs())
    totals.set(number, {
      packets: packets + more.packets,
      bytes: bytes + more.bytes,
      // The wall clock may have been set back meanwhile: what was seen last counts.
      lastSeenMs: seenMs === 0 ? lastSeenMs : seenMs,
      ...(passed + limited === 0 ? {} : { limitCounts: { passed, limited } }),
    })
    unsaved.add(number)
  }

  const save = () => {
    if (!isSettled || (unsaved.size === 0 && settled.length === 0)) return
    store.saveHits(
      [...unsaved].map((number) => [number, kept(number)] as const),
      settled,
    )
    unsaved.clear()
    settled = []
  }

  /** What the store does not take is tried again with the next `save`. */
  const trySave = () => {
    try {
      save()
    } catch (fault) {
      if (!(fault instanceof StoreError)) throw fault
    }
  }

  return {
    look(entry) {
      const found = blockList.get(entry.target)
      const now = found === undefined ? noReading : readingOf(found)
      const more = since(entry.reading, now)
      entry.reading = now
      if (found === undefined || !entry.decisions.has(found.decision)) return found
      readings.set(found.decision, now)
      if (!isZero(more)) add(found.decision, more, found.lastSeenBootUs)
      return found
    },
    begin: (number) => {
      totals.set(number, none)
    },
    handOver(entry, number) {
      readings.set(number, entry.reading)
      unsaved.add(number)
      trySave()
    },
    of,
    kept: (number) => (isSettled ? kept(number) : undefined),
    save,
    settle(earlier, targets) {
      if (isSettled) return
      const addAll = (one: EarlierHits) => {
        const stored = one.incarnation === maps ? undefined : store.hitReadings(one.incarnation)
        if (stored === undefined) return
        // Also where it cannot be read: the readings that belong to it are gone once others are stored.
        settled.push(one.incarnation)
        for (const [number, { lastSeenBootUs, ...now }] of byDecision(one.read(targets))) {
          const more = since(stored.get(number) ?? noReading, now)
          if (!isZero(more) && number < firstUnstored) add(number, more, lastSeenBootUs)
        }
      }
      try {
        tryAll(earlier, addAll)
      } finally {
        isSettled = true
        trySave()
      }
    },
    forget(number) {
      totals.delete(number)
      readings.delete(number)
      unsaved.delete(number)
    },
  }
}

function readingOf({ packets, bytes, limitCounts }: KernelHits): Reading {
  return { packets, bytes, passed: limitCounts?.passed ?? 0, limited: limitCounts?.limited ?? 0 }
}

/** What was counted after `before`. Counters that went back belong to an entry, or a limit, that was made anew. */
function since(before: Reading, now: Reading): Reading {
  const isAnew = now.packets < before.packets || now.bytes < before.bytes
  const isLimitAnew = now.passed < before.passed || now.limited < before.limited
  return {
    packets: now.packets - (isAnew ? 0 : before.packets),
    bytes: now.bytes - (isAnew ? 0 : before.bytes),
    passed: now.passed - (isLimitAnew ? 0 : before.passed),
    limited: now.limited - (isLimitAnew ? 0 : before.limited),
  }
}

function isZero({ packets, bytes, passed, limited }: Reading): boolean {
  return packets === 0 && bytes === 0 && passed === 0 && limited === 0
}

/** One reading for each decision: another hand may have left a second entry. */
function byDecision(entries: readonly EntryReading[]): Map<number, Omit<EntryReading, 'decision'>> {
  const found = new Map<number, Omit<EntryReading, 'decision'>>()
  for (const { decision, ...one } of entries) {
    const other = found.get(decision)
    found.set(
      decision,
      other === undefined
        ? one
        : {
            packets: one.packets + other.packets,
            bytes: one.bytes + other.bytes,
            passed: one.passed + other.passed,
            limited: one.limited + other.limited,
            lastSeenBootUs: Math.max(one.lastSeenBootUs, other.lastSeenBootUs),
          },
    )
  }
  return found
}
