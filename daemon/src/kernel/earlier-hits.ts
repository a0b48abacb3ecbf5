/**
 * What the entries of earlier maps met, read once their programs are off the interfaces. The keys of a trie are not
 * listed (see strays.ts): who knows its targets asks for them.
 */

import type { Target } from '../policy/address.js'
import type { Binding, StructLayout } from './binding.js'
import { kernelCall } from './binding.js'
import { bucketWays, bucketWords } from './data-path.js'
import type { Earlier } from './earlier.js'
import { trieKey } from './trie-key.js'

/** Counters of one map entry since it was made. */
export interface EntryReading {
  /** Number of the decision that it carries. */
  readonly decision: number
  readonly packets: number
  readonly bytes: number
  /** CLOCK_BOOTTIME, us; 0 = never. */
  readonly lastSeenBootUs: number
  /** Packets that its limit let through and kept back; 0 without one. */
  readonly passed: number
  readonly limited: number
}

/** The block maps of one earlier start. */
export interface EarlierHits {
  /** See `Description`. */
  readonly incarnation: number
  /** Entries that met something: all single addresses, and of the tries those of these targets. */
  read(targets: Iterable<Target>): EntryReading[]
}

/** Keys that are looked up in one call. */
const keysAtOnce = 4096
const bucketBytes = bucketWords * 4
const unused = 0

/** @param earlier stays open while it is read @returns undefined where nothing tells which maps these are */
export function openEarlierHits(binding: Binding, earlier: Earlier): EarlierHits | undefined {
  const { incarnation, structs } = earlier.description ?? {}
  const layout = structs?.block_entry
  if (incarnation === undefined || layout === undefined) return undefined
  const readEntry = entryReader(binding, earlier, layout, structs?.limiter)
  return {
    incarnation,
    read(targets) {
      const found: EntryReading[] = []
      const take = (view: DataView, at: number) => {
        const reading = readEntry(view, at)
        if (reading !== undefined) found.push(reading)
      }
      const isInSet = readExact(binding, earlier, layout, take)
      const wanted = [...targets].filter((target) => target.isPrefix || !isInSet(target))
      for (const family of [4, 6] as const)
        readTrie(
          binding,
          earlier,
          layout,
          wanted.filter((target) => target.family === family),
          take,
        )
      return found
    },
  }
}

/** Where a field lies, bytes. */
function placeOf({ fields }: StructLayout, field: string): number {
  const found = fields.find(([path]) => path === field)
  if (found === undefined) throw new RangeError(`the layout has no ${field}`)
  return found[1]
}

/** @returns reads the entry that begins at a byte; undefined for one that met nothing */
function entryReader(
  binding: Binding,
  earlier: Earlier,
  layout: StructLayout,
  limiter: StructLayout | undefined,
): (view: DataView, at: number) => EntryReading | undefined {
  const [packetsAt, bytesAt, seenAt, decisionAt, slotAt] = (
    ['packets', 'bytes', 'last_seen_ns', 'decision', 'limiter'] as const
  ).map((field) => placeOf(layout, field)) as [number, number, number, number, number]
  const limits = memoryOf(binding, earlier, 'limiters', limiter?.size)
  const limitOf = (slot: number) => {
    if (slot === unused || limits === undefined || limiter === undefined) return { passed: 0, limited: 0 }
    const at = slot * limiter.size
    if (at + limiter.size > limits.byteLength) return { passed: 0, limited: 0 }
    const read = (field: string) => Number(limits.getBigUint64(at + placeOf(limiter, field), true))
    return { passed: read('passed'), limited: read('limited') }
  }
  return (view, at) => {
    const packets = Number(view.getBigUint64(at + packetsAt, true))
    const limit = limitOf(view.getUint16(at + slotAt, true))
    if (packets === 0 && limit.passed === 0 && limit.limited === 0) return undefined
    return {
      decision: view.getUint32(at + decisionAt, true),
      packets,
      bytes: Number(view.getBigUint64(at + bytesAt, true)),
      lastSeenBootUs: Math.round(Number(view.getBigUint64(at + seenAt, true)) / 1000),
      ...limit,
    }
  }
}

/** Memory of a map whose values have this size; undefined where there is none. */
function memoryOf(
  binding: Binding,
  earlier: Earlier,
  map: string,
  valueBytes: number | undefined,
): DataView | undefined {
  const fd = earlier.fd(map)
  if (fd === undefined || earlier.info(map)?.valueSize !== valueBytes) return undefined
  return new DataView(kernelCall(() => binding.mapMemory(fd)))
}

/** @returns whether the set holds this address */
function readExact(
  binding: Binding,
  earlier: Earlier,
  layout: StructLayout,
  take: (view: DataView, at: number) => void,
): (target: Target) => boolean {
  const tags = memoryOf(binding, earlier, 'block_tags', bucketBytes)
  const entries = memoryOf(binding, earlier, 'block_entries', layout.size)
  const held4 = new Set<number>()
  const held6 = new Set<string>()
  const addressAt = layout.fields.find(([path]) => path.startsWith('address'))?.[1] ?? 0
  const buckets = Math.floor((tags?.byteLength ?? 0) / bucketBytes)
  if (tags === undefined || entries === undefined || entries.byteLength < buckets * bucketWays * layout.size)
    return () => false
  for (let bucket = 0; bucket < buckets; bucket++) {
    const families = tags.getUint32(bucket * bucketBytes + bucketWays * 4, true)
    for (let way = 0; way < bucketWays; way++) {
      const tag = tags.getUint32(bucket * bucketBytes + way * 4, true)
      if (tag === unused) continue
      const at = (way * buckets + bucket) * layout.size
      if (((families >>> way) & 1) === 0) held4.add(tag)
      else held6.add(keyText(new Uint8Array(entries.buffer, at + addressAt, 16)))
      take(entries, at)
    }
  }
  return ({ family, bytes }) =>
    family === 6
      ? held6.has(keyText(bytes))
      : held4.has(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true))
}

function keyText(bytes: Uint8Array): string {
  return bytes.join(',')
}

/** A trie answers with the longest match: only an entry of this very length is the target's. */
function readTrie(
  binding: Binding,
  earlier: Earlier,
  layout: StructLayout,
  targets: readonly Target[],
  take: (view: DataView, at: number) => void,
): void {
  const map = `prefixes${targets[0]?.family ?? 4}`
  const fd = earlier.fd(map)
  const info = earlier.info(map)
  const keyBytes = 4 + (targets[0]?.bytes.length ?? 0)
  if (fd === undefined || info?.keySize !== keyBytes || info.valueSize !== layout.size) return
  const prefixAt = placeOf(layout, 'prefix')
  for (let first = 0; first < targets.length; first += keysAtOnce) {
    const slice = targets.slice(first, first + keysAtOnce)
    const keys = new Uint8Array(slice.length * keyBytes)
    for (const [i, target] of slice.entries()) keys.set(trieKey(target), i * keyBytes)
    const values = kernelCall(() => binding.mapLookupMany(fd, keys))
    const found = new DataView(values.buffer, values.byteOffset, values.byteLength)
    const stride = values.length / slice.length
    for (const [i, { prefix }] of slice.entries())
      if (found.getUint8(i * stride + prefixAt) === prefix) take(found, i * stride)
  }
}
