/**
 * What the maps hold about one address or prefix, and what becomes of its packets: the stages of `bpf/block.h`, read
 * instead of run. Needs nothing but the maps, so it works on the pins of a daemon that is dead.
 */

import { addressText } from '../decode/address-text.js'
import { IdsdError } from '../errors.js'
import type { Target } from '../policy/address.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { KernelEntry, KernelHits } from './block-list.js'
import { bucketWays, bucketWords } from './data-path.js'
import { ladderOf } from './entry-limits.js'
import { leaseOf } from './entry-words.js'
import { addressBytes } from './exact-hash.js'
import { type Limiters, openLimiters } from './limiters.js'
import { isLapsed, openSettings } from './settings.js'
import { trieKey } from './trie-key.js'
import { allowEntry, BlockAction, BlockOrigin, blockEntry, settings } from './wire.js'

/**
 * `dropped`, `rejected`, `limited`, `syn_dropped`, `counted`: by an entry. `allowed`: an entry would do so, and an allow
 * entry stands before it. `spared`: it would be kept back, but all enforcement is stopped. `passes`: no entry in force
 * covers it. What an entry spares for its flow's sake passes all the same.
 */
export type Fate =
  | 'dropped'
  | 'rejected'
  | 'limited'
  | 'syn_dropped'
  | 'counted'
  | 'allowed'
  | 'spared'
  | 'passes'

/** `lapsed`: it needs the beat of the daemon, which is too old. */
export type EntryState = 'in_force' | 'expired' | 'lapsed'

export interface TracedEntry extends KernelEntry, KernelHits {
  /** The address or prefix that it is for. */
  readonly target: string
  /** Length of the entry's prefix, bits: that of its family for a single address. */
  readonly prefix: number
  /** In the set of single addresses; else in the trie of prefixes. */
  readonly isInSet: boolean
  readonly state: EntryState
  /** What it does in the generation that is in force, `enum block_action`. */
  readonly actionNow: number
  /** The kernel looks at it at all: what stands before it knows of it. */
  readonly isReachable: boolean
  /** What becomes of a packet is its doing, or would be without an allow entry. */
  readonly isDeciding: boolean
}

export interface AddressTrace {
  /** Single address first, then prefixes, the longest first. */
  readonly entries: readonly TracedEntry[]
  /** Allow entries that cover all of it, the longest first. */
  readonly allows: readonly { readonly target: string; readonly number: number }[]
  readonly fate: Fate
  /** As it would be if nothing were allowed. */
  readonly fateWithoutAllow: Exclude<Fate, 'allowed'>
}

/** Where maps are found by name: a loaded path, or pins. */
export interface TraceMaps {
  fd(map: string): number
}

const smallestBuckets = 16

/** Memory of the maps that are mapped. */
interface Mapped {
  readonly tags: ArrayBuffer
  readonly entries: ArrayBuffer
  readonly bits: ArrayBuffer
  readonly settings: ArrayBuffer
  readonly limiters: Pick<Limiters, 'read'>
}

/**
 * Maps the memory once, because what is mapped stays so until it is collected.
 * @returns the trace of an address or prefix; it throws as this does
 * @throws IdsdError `ERR_WIRE` when the maps are of an idsd with other entries; KernelError
 */
export function openAddressTrace(binding: Binding, maps: TraceMaps): (target: Target) => AddressTrace {
  const memory = (name: string) => kernelCall(() => binding.mapMemory(maps.fd(name)))
  const mapped: Mapped = {
    tags: memory('block_tags'),
    entries: memory('block_entries'),
    bits: memory('block_bits'),
    settings: memory('settings'),
    limiters: openLimiters(binding, maps),
  }
  if (mapped.settings.byteLength !== settings.size) throw otherLayout('settings')
  return (target) => traceAddress(binding, maps, mapped, target)
}

function traceAddress(binding: Binding, maps: TraceMaps, mapped: Mapped, target: Target): AddressTrace {
  const bits = target.family === 4 ? 32 : 128
  const loaded = new DataView(mapped.settings)
  const lease = openSettings(mapped.settings)
  const { bootUs } = binding.clocks()
  const { exact4, exact6, prefixes4, prefixes6, allows: allowCount } = settings.get
  const [exacts, prefixes] =
    target.family === 4
      ? [exact4(loaded, 0), prefixes4(loaded, 0)]
      : [exact6(loaded, 0), prefixes6(loaded, 0)]
  const isTrial = bootUs < lease.trialUntilBootUs
  const isMarked = target.family === 6 || isBitSet(mapped.bits, target)

  const read = (view: DataView, at: number, isInSet: boolean): TracedEntry => {
    const prefix = blockEntry.get.prefix(view, at)
    const entry = {
      decision: blockEntry.get.decision(view, at),
      action: blockEntry.get.action(view, at),
      origin: blockEntry.get.origin(view, at),
      reason: blockEntry.get.reason(view, at),
      expiresBootUs: Math.round(blockEntry.get.expiresNs(view, at) / 1000),
      ...leaseOf(blockEntry.get.leasedFrom(view, at)),
      ...ladderOf(view, at, mapped.limiters.read),
    }
    return {
      ...entry,
      target: textOf(target, prefix),
      packets: blockEntry.get.packets(view, at),
      bytes: blockEntry.get.bytes(view, at),
      lastSeenBootUs: Math.round(blockEntry.get.lastSeenNs(view, at) / 1000),
      prefix,
      isInSet,
      state: stateOf(entry),
      actionNow: isTrial ? (entry.trialAction ?? entry.action) : entry.action,
      isReachable: isMarked && (isInSet ? exacts : prefixes) > 0,
      isDeciding: false,
    }
  }

  const stateOf = ({ expiresBootUs, leasedFromBootUs }: KernelEntry): EntryState => {
    if (expiresBootUs !== 0 && bootUs >= expiresBootUs) return 'expired'
    return isLapsed(leasedFromBootUs, lease, bootUs) ? 'lapsed' : 'in_force'
  }

  const inTrie = (kind: 'prefixes' | 'allows', valueSize: number, length: number): DataView | undefined => {
    const fd = maps.fd(`${kind}${target.family}`)
    const value = kernelCall(() => binding.mapLookup(fd, trieKey(target, length)))
    if (value === undefined) return undefined
    if (value.length !== valueSize) throw otherLayout(`${kind}${target.family}`)
    return new DataView(value.buffer, value.byteOffset, value.length)
  }

  const found: TracedEntry[] = []
  if (!target.isPrefix) {
    const at = findExact(mapped.tags, mapped.entries, target)
    if (at >= 0) found.push(read(new DataView(mapped.entries), at, true))
  }
  for (let length = target.prefix; length >= 0; ) {
    const view = inTrie('prefixes', blockEntry.size, length)
    if (view === undefined) break
    const entry = read(view, 0, false)
    found.push(entry)
    // An entry of another hand may say anything of itself.
    if (entry.prefix > length) break
    length = entry.prefix - 1
  }

  const allows: { number: number; prefix: number; isIn: boolean }[] = []
  for (let length = target.prefix; length >= 0; length--) {
    const view = inTrie('allows', allowEntry.size, length)
    if (view === undefined) break
    const number = allowEntry.get.number(view, 0)
    const last = allows.at(-1)
    // A trie answers with the longest match and does not say its length: the shortest key with this answer does.
    if (last?.number === number) last.prefix = length
    else {
      const isIn = (isTrial ? allowEntry.get.trial(view, 0) : allowEntry.get.confirmed(view, 0)) !== 0
      allows.push({ number, prefix: length, isIn })
    }
  }
  const inForce = allows.filter(({ isIn }) => isIn)

  const deciding = decidingEntry(found, bits)
  const doing = deciding === undefined ? 'passes' : (DOING[deciding.actionNow] ?? 'counted')
  const isKeptBack = doing !== 'passes' && doing !== 'counted'
  const fateWithoutAllow = isKeptBack && bootUs < lease.panicUntilBootUs ? 'spared' : doing
  const isAllowed = inForce.length > 0 && (deciding?.isInSet !== true || allowCount(loaded, 0) > 0)
  return {
    entries: found.map((entry) => (entry === deciding ? { ...entry, isDeciding: true } : entry)),
    allows: inForce.map(({ number, prefix }) => ({ number, target: textOf(target, prefix) })),
    fate: deciding !== undefined && isAllowed ? 'allowed' : fateWithoutAllow,
    fateWithoutAllow,
  }
}

/** By `enum block_action`. */
const DOING: Readonly<Record<number, Exclude<Fate, 'allowed' | 'spared'>>> = {
  [BlockAction.drop]: 'dropped',
  [BlockAction.reject]: 'rejected',
  [BlockAction.limit]: 'limited',
  [BlockAction.synDrop]: 'syn_dropped',
}

/**
 * The first that keeps everything back decides. One that lets packets pass ends the search when it is a prefix that
 * idsd did not make by itself; for a single address it does not hide a prefix behind it, and of those the first that keeps something back tells. One that is
 * not in the generation in force hides nothing.
 */
function decidingEntry(entries: readonly TracedEntry[], bits: number): TracedEntry | undefined {
  let passing: TracedEntry | undefined
  for (const entry of entries) {
    const action = entry.actionNow
    if (entry.state !== 'in_force' || !entry.isReachable || action === BlockAction.none) continue
    if (action === BlockAction.drop || action === BlockAction.reject) return entry
    const isMore =
      passing !== undefined && passing.actionNow === BlockAction.count && action !== BlockAction.count
    if (passing === undefined || isMore) passing = entry
    const isAutomatic = entry.origin === BlockOrigin.detector || entry.origin === BlockOrigin.model
    if (!entry.isInSet && entry.prefix < bits && !isAutomatic) break
  }
  return passing
}

/**
 * Where the entry of a single address begins, bytes; -1 when there is none. All buckets are looked at, because the seed
 * of their order is the programs' alone.
 */
function findExact(tagMemory: ArrayBuffer, entryMemory: ArrayBuffer, target: Target): number {
  const tags = new Uint32Array(tagMemory)
  const buckets = tags.length / bucketWords
  if (buckets < smallestBuckets || entryMemory.byteLength !== buckets * bucketWays * blockEntry.size)
    throw otherLayout('block_entries')
  const entries = new DataView(entryMemory)
  const address = addressBytes(target.bytes)
  const wanted = new DataView(address.buffer)
  const isSame = (at: number) =>
    [12, 8, 4, 0].every((i) => entries.getUint32(at + i, true) === wanted.getUint32(i, true))
  const place = (slot: number) =>
    ((slot % bucketWords) * buckets + Math.floor(slot / bucketWords)) * blockEntry.size
  const isSix = (slot: number) => {
    const way = slot % bucketWords
    return (((tags[slot - way + bucketWays] as number) >>> way) & 1) === 1
  }
  if (target.family === 4) {
    // The tag of an IPv4 address is the address.
    const tag = wanted.getUint32(12, true)
    for (let slot = tags.indexOf(tag); slot >= 0 && tag !== 0; slot = tags.indexOf(tag, slot + 1)) {
      if (slot % bucketWords !== bucketWays && !isSix(slot)) return place(slot)
    }
    return -1
  }
  for (let last = bucketWays; last < tags.length; last += bucketWords) {
    if (tags[last] === 0) continue
    for (let slot = last - bucketWays; slot < last; slot++)
      if (tags[slot] !== 0 && isSix(slot) && isSame(place(slot))) return place(slot)
  }
  return -1
}

/** The address of a target, or its prefix of so many bits. */
function textOf({ bytes }: Target, prefix: number): string {
  const network = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))))
  const text = addressText(new DataView(addressBytes(network).buffer), 0)
  return prefix >= bytes.length * 8 ? text : `${text}/${prefix}`
}

/** Whether the /24 of the target is marked as touched; of a wider prefix its first. */
function isBitSet(memory: ArrayBuffer, { bytes }: Target): boolean {
  const [a = 0, b = 0, c = 0] = bytes
  const block = (a << 16) | (b << 8) | c
  return ((new Uint32Array(memory)[block >>> 5] as number) & (1 << (block & 31))) !== 0
}

function otherLayout(map: string): IdsdError {
  return new IdsdError(
    'ERR_WIRE',
    `the map ${map} was made by another version of idsd and cannot be read by this one`,
  )
}
