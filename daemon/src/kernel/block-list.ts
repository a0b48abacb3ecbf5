/**
 * The blocklist and allowlist maps. Exact addresses live in a set of 15-way buckets that is written through mmap, tag
 * last; prefixes in tries. For IPv4 a bitmap of /24s stands before both. What does not fit its bucket goes to the tries as
 * a full-length prefix.
 */

import { KernelError } from '../errors.js'
import type { Target } from '../policy/address.js'
import { openAllowTries } from './allow-tries.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import { openBlockBits } from './block-bits.js'
import type { DataPath } from './data-path.js'
import { bucketsFor } from './data-path.js'
import { createEntryLimits } from './entry-limits.js'
import { createEntryWords } from './entry-words.js'
import { addressBytes } from './exact-hash.js'
import { openExactSlots } from './exact-slots.js'
import { type Limit, type LimitCounts, openLimiters } from './limiters.js'
import { createStrays } from './strays.js'
import { trieKey } from './trie-key.js'
import { BlockAction, blockEntry, lpmKey4, lpmKey6, settings } from './wire.js'

/** What the kernel holds for one blocked address or prefix. */
export interface KernelEntry {
  readonly decision: number
  /** `enum block_action`, `enum block_origin`, `enum block_reason`. `none`: not in the confirmed generation. */
  readonly action: number
  readonly origin: number
  readonly reason: number
  /** CLOCK_BOOTTIME, us; 0 = never. */
  readonly expiresBootUs: number
  /** CLOCK_BOOTTIME from when on it is in force only while the daemon beats, us; 0 = always; absent = never. */
  readonly leasedFromBootUs?: number
  /** `enum block_action` while a trial runs. Default: `action`. `BlockAction.none` in either: not in that generation. */
  readonly trialAction?: number
  /** Packets of a flow with a proven path, or that our side opened, pass. Default false. */
  readonly sparesFlows?: boolean
  /** What an entry whose action is limit lets through, in either generation. Without one all passes. */
  readonly limit?: Limit
}

export interface KernelHits {
  readonly packets: number
  readonly bytes: number
  /** CLOCK_BOOTTIME, us; 0 = never. */
  readonly lastSeenBootUs: number
  /** What its limit let through and kept back, packets; absent without one. */
  readonly limitCounts?: LimitCounts
}

/** The generations that an allow entry is in. */
export interface Generations {
  readonly confirmed: boolean
  readonly trial: boolean
}

export interface BlockList {
  /** Adds an entry or changes it in place; its counters go on. @throws KernelError ENOSPC when there is no room */
  set(target: Target, entry: KernelEntry): void
  /**
   * The same for many: prefixes in one call of the kernel for each family.
   * @throws KernelError ENOSPC when there is no room; then some of them are set
   */
  setMany(items: Iterable<readonly [Target, KernelEntry]>): void
  /** @returns whether it was there */
  remove(target: Target): boolean
  get(target: Target): (KernelEntry & KernelHits) | undefined
  /** Adds an allow entry; it wins over every block that it covers. Default: in both generations. */
  allow(target: Target, number: number, generations?: Generations): void
  disallow(target: Target): boolean
  /** Whether the kernel holds the entry of exactly this target. */
  isAllowLoaded(target: Target): boolean
  /**
   * Writes again what stages and bitmap need to know, as it is after somebody else changed it.
   * @returns what was not as it should be: counts of stages, and blocked targets that the bitmap hid
   */
  refresh(): number
  /** Takes out what was not put in by this list, among the next `most` keys of each trie. @returns what it was, in words */
  removeStrays(most: number): string[]
  readonly exactCount: number
  readonly prefixCount: number
  readonly allowCount: number
  /** Entries that hold a rate limit. */
  readonly limiterCount: number
  /** Addresses that did not fit their bucket and live in the tries. */
  readonly overflowCount: number
}

export interface BlockListOptions {
  readonly binding: Binding
  readonly path: DataPath
  /** Blocks that the exact set was sized for. */
  readonly blocks: number
  readonly hashSeed: number
}

const inBoth: Generations = { confirmed: true, trial: true }

function isReject({ action, trialAction }: KernelEntry): boolean {
  return action === BlockAction.reject || trialAction === BlockAction.reject
}

export function openBlockList({ binding, path, blocks, hashSeed }: BlockListOptions): BlockList {
  const entryMemory = kernelCall(() => binding.mapMemory(path.fd('block_entries')))
  const entries = new DataView(entryMemory)
  const entryQuads = new BigUint64Array(entryMemory)
  const slots = openExactSlots({ binding, path, entries, buckets: bucketsFor(blocks), hashSeed })
  const loaded = new DataView(kernelCall(() => binding.mapMemory(path.fd('settings'))))
  const bits = openBlockBits(kernelCall(() => binding.mapMemory(path.fd('block_bits'))))
  const prefixes = new Map<string, Target>()
  const allows = openAllowTries(binding, path)
  /** Addresses that were put into the exact set, by text. */
  const exacts = new Map<string, Target>()
  const limits = createEntryLimits(openLimiters(binding, path))
  const { write: writeMeta, read: readEntry } = createEntryWords(limits)
  /** Entries whose action is reject in either generation, by text. */
  const rejects = new Set<string>()
  let overflowCount = 0
  let prefixes4 = 0
  let exacts4 = 0

  const publishCounts = () => {
    settings.set.exact4(loaded, 0, exacts4)
    settings.set.exact6(loaded, 0, exacts.size - exacts4)
    settings.set.prefixes4(loaded, 0, prefixes4)
    settings.set.prefixes6(loaded, 0, prefixes.size - prefixes4)
    settings.set.allows(loaded, 0, allows.size)
    settings.set.rejects(loaded, 0, rejects.size)
  }

  const keepExact = (target: Target) => {
    if (exacts.has(target.text)) return
    exacts.set(target.text, target)
    if (target.family !== 4) return
    exacts4++
    bits.addAddress(target)
  }

  const forgetExact = (target: Target) => {
    if (!exacts.delete(target.text) || target.family !== 4) return
    exacts4--
    bits.removeAddress(target, prefixes.values())
  }

  const trieOf = (family: 4 | 6) => path.fd(`prefixes${family}`)

  const setPrefix = (target: Target, entry: KernelEntry) => {
    const fd = trieOf(target.family)
    const key = trieKey(target)
    const value = lookupPrefix(target) ?? new Uint8Array(blockEntry.size)
    const view = new DataView(value.buffer)
    value.set(addressBytes(target.bytes))
    writeMeta(view, 0, target, entry)
    blockEntry.set.expiresNs(view, 0, entry.expiresBootUs * 1000)
    try {
      kernelCall(() => binding.mapUpdate(fd, key, value, 0))
    } catch (error) {
      // A full trie refuses to change an entry in place on kernels before 6.13: out and in again.
      if (!(error instanceof KernelError) || error.errnoName !== 'ENOSPC') throw error
      if (!prefixes.has(target.text) || !kernelCall(() => binding.mapDelete(fd, key))) throw error
      kernelCall(() => binding.mapUpdate(fd, key, value, 0))
    }
    keepPrefix(target)
  }

  const keepPrefix = (target: Target) => {
    if (prefixes.has(target.text)) return
    prefixes.set(target.text, target)
    if (target.family !== 4) return
    prefixes4++
    bits.add(target)
  }

  /** New prefixes of one family at once. */
  const setNewPrefixes = (items: readonly (readonly [Target, KernelEntry])[], family: 4 | 6) => {
    if (items.length === 0) return
    const keyBytes = family === 4 ? lpmKey4.size : lpmKey6.size
    const keys = new Uint8Array(items.length * keyBytes)
    const values = new Uint8Array(items.length * blockEntry.size)
    const view = new DataView(values.buffer)
    for (const [i, [target, entry]] of items.entries()) {
      const at = i * blockEntry.size
      keys.set(trieKey(target), i * keyBytes)
      values.set(addressBytes(target.bytes), at)
      writeMeta(view, at, target, entry)
      blockEntry.set.expiresNs(view, at, entry.expiresBootUs * 1000)
    }
    kernelCall(() => binding.mapUpdateBatch(trieOf(family), keys, values, items.length))
    for (const [target] of items) keepPrefix(target)
  }

  /** A trie answers with the longest match: only an entry of this very length is this one. */
  const lookupPrefix = (target: Target): Uint8Array | undefined => {
    const fd = trieOf(target.family)
    const value = kernelCall(() => binding.mapLookup(fd, trieKey(target)))
    if (value === undefined) return undefined
    return blockEntry.get.prefix(new DataView(value.buffer), 0) === target.prefix ? value : undefined
  }

  const removePrefix = (target: Target): boolean => {
    const isThere = kernelCall(() => binding.mapDelete(trieOf(target.family), trieKey(target)))
    if (prefixes.delete(target.text) && target.family === 4) {
      prefixes4--
      bits.remove(target, prefixes.values())
    }
    return isThere
  }

  const setExact = (target: Target, entry: KernelEntry) => {
    const { slot, isHeld, tag } = slots.find(target)
    const isFull = exacts.size >= blocks && !exacts.has(target.text)
    if (slot < 0 || (!isHeld && (isFull || prefixes.has(target.text)))) {
      const isNew = !prefixes.has(target.text)
      setPrefix(target, entry)
      forgetExact(target)
      if (isNew) overflowCount++
      return
    }
    const at = slots.entryAt(slot)
    if (!isHeld) new Uint8Array(entryMemory, at, blockEntry.size).set(addressBytes(target.bytes))
    if (!isHeld) new Uint8Array(entryMemory, at + 16, blockEntry.size - 16).fill(0)
    writeMeta(entries, at, target, entry)
    Atomics.store(entryQuads, (at + blockEntry.offset.expiresNs) / 8, BigInt(entry.expiresBootUs) * 1000n)
    if (isHeld) return
    keepExact(target)
    slots.publish(slot, tag, target.family)
  }

  const findSlot = (target: Target): number => {
    if (target.isPrefix) return -1
    const { slot, isHeld } = slots.find(target)
    return isHeld ? slot : -1
  }

  const countsAreRight = () => {
    const { get } = settings
    return (
      get.exact4(loaded, 0) === exacts4 &&
      get.exact6(loaded, 0) === exacts.size - exacts4 &&
      get.prefixes4(loaded, 0) === prefixes4 &&
      get.prefixes6(loaded, 0) === prefixes.size - prefixes4 &&
      get.rejects(loaded, 0) === rejects.size &&
      get.allows(loaded, 0) === allows.size
    )
  }
  const strays = createStrays({
    binding,
    path,
    exactCount: () => exacts.size,
    isExact: (text) => exacts.has(text),
    isPrefix: (text) => prefixes.has(text),
    isAllow: allows.has,
  })

  /** Writes an entry with its limit; a limit that is no longer asked for is freed behind the entry. */
  const setOne = (target: Target, entry: KernelEntry) => {
    limits.hold(target.text, entry.limit)
    // Known before the entry is in force: without it the programs would drop and not answer.
    if (isReject(entry)) rejects.add(target.text)
    else rejects.delete(target.text)
    try {
      if (target.isPrefix) setPrefix(target, entry)
      else setExact(target, entry)
    } catch (error) {
      if (!isHeld(target)) forgetLadder(target)
      throw error
    }
    limits.settle(target.text)
  }

  const isHeld = ({ text }: Target) => exacts.has(text) || prefixes.has(text)

  const forgetLadder = ({ text }: Target) => {
    limits.release(text)
    rejects.delete(text)
  }

  publishCounts()
  return {
    set(target, entry) {
      try {
        setOne(target, entry)
      } finally {
        publishCounts()
      }
    },
    setMany(items) {
      const fresh: Record<4 | 6, (readonly [Target, KernelEntry])[]> = { 4: [], 6: [] }
      try {
        for (const item of items) {
          const [target, entry] = item
          // Few entries of the ladder come together; those that only drop or count may be very many.
          const isPlain = entry.limit === undefined && !isReject(entry)
          if (!target.isPrefix || !isPlain || prefixes.has(target.text)) setOne(target, entry)
          else fresh[target.family].push(item)
        }
        setNewPrefixes(fresh[4], 4)
        setNewPrefixes(fresh[6], 6)
      } finally {
        publishCounts()
      }
    },
    remove(target) {
      const slot = findSlot(target)
      let isThere = false
      if (slot >= 0) {
        slots.clear(slot)
        isThere = true
      } else if (target.isPrefix || prefixes.has(target.text)) {
        if (!target.isPrefix) overflowCount--
        isThere = removePrefix(target)
      }
      forgetExact(target)
      forgetLadder(target)
      publishCounts()
      return isThere
    },
    get(target) {
      const slot = findSlot(target)
      if (slot >= 0) return readEntry(entries, slots.entryAt(slot))
      if (!target.isPrefix && !prefixes.has(target.text)) return undefined
      const value = lookupPrefix(target)
      return value === undefined ? undefined : readEntry(new DataView(value.buffer), 0)
    },
    allow(target, number, generations = inBoth) {
      allows.set(target, number, generations)
      publishCounts()
    },
    disallow(target) {
      const isThere = allows.remove(target)
      publishCounts()
      return isThere
    },
    isAllowLoaded: allows.isLoaded,
    refresh() {
      let wrong = countsAreRight() ? 0 : 1
      const check = (target: Target, mark: (target: Target) => void) => {
        if (target.family !== 4) return
        if (!bits.isMarked(target)) wrong++
        mark(target)
      }
      for (const prefix of prefixes.values()) check(prefix, bits.add)
      for (const address of exacts.values()) check(address, bits.mark)
      publishCounts()
      return wrong
    },
    removeStrays: (most) => strays.remove(most),
    get exactCount() {
      return exacts.size
    },
    get prefixCount() {
      return prefixes.size
    },
    get allowCount() {
      return allows.size
    },
    get limiterCount() {
      return limits.usedCount
    },
    get overflowCount() {
      return overflowCount
    },
  }
}
