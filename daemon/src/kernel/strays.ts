/**
 * Entries that somebody else put into the maps: no decision and no allow entry of idsd is behind them. Looked for a
 * piece at a time, because there may be a million keys.
 */

import { release } from 'node:os'
import { addressText } from '../decode/address-text.js'
import { parseTarget } from '../policy/address.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { bucketWays, bucketWords } from './data-path.js'
import { blockEntry, lpmKey4, lpmKey6 } from './wire.js'

export interface Strays {
  /**
   * Takes out strays among the next `most` keys of each trie, and among the single addresses.
   * @returns what was taken out, e.g. `203.0.113.7` or `allow 203.0.113.0/24`
   */
  remove(most: number): string[]
}

export interface StraysOptions {
  readonly binding: Binding
  readonly path: Pick<DataPath, 'fd'>
  /** Single addresses that are in the set; how many, and whether this is one. */
  readonly exactCount: () => number
  readonly isExact: (text: string) => boolean
  readonly isPrefix: (text: string) => boolean
  readonly isAllow: (text: string) => boolean
}

/**
 * Whether the kernel lists the keys of a trie without harm. Before 6.12 its walk has room for one node less than a path
 * of all lengths has, and writes past it (CVE-2024-50262): prefixes that leave out one address make such a path. Stable
 * kernels have the cure too, but not all tell that they are new enough.
 */
export function listsTriesSafely(kernel: string): boolean {
  const [, major = 0, minor = 0] = (/^(\d+)\.(\d+)/.exec(kernel) ?? []).map(Number)
  return major > 6 || (major === 6 && minor >= 12)
}

const prefixBytes = 4
const keyBytes4 = lpmKey4.size

export function createStrays(options: StraysOptions): Strays {
  const { binding, path } = options
  const tags = new Uint32Array(kernelCall(() => binding.mapMemory(path.fd('block_tags'))))
  const entries = new DataView(kernelCall(() => binding.mapMemory(path.fd('block_entries'))))
  const buckets = tags.length / bucketWords
  /** The key after which each trie is looked at next. */
  const cursors = new Map<string, Uint8Array>()

  const mayListTries = listsTriesSafely(release())

  const isSlotUsed = (slot: number) => tags[slot] !== 0 && slot % bucketWords !== bucketWays

  /** Counted first: as long as there are no more than idsd put there, none is a stray. */
  const removeExact = (): string[] => {
    let used = 0
    for (let bucket = 0; bucket < tags.length; bucket += bucketWords)
      for (let slot = bucket; slot < bucket + bucketWays; slot++) if (tags[slot] !== 0) used++
    if (used <= options.exactCount()) return []
    const removed: string[] = []
    for (let slot = 0; slot < tags.length; slot++) {
      if (!isSlotUsed(slot)) continue
      const at = ((slot % bucketWords) * buckets + Math.floor(slot / bucketWords)) * blockEntry.size
      const text = addressText(entries, at)
      if (options.isExact(text)) continue
      Atomics.store(tags, slot, 0)
      removed.push(text)
    }
    return removed
  }

  const removeFrom = (map: string, most: number, isKnown: (text: string) => boolean): string[] => {
    if (!mayListTries) return []
    const fd = path.fd(map)
    const keyBytes = map.endsWith('4') ? keyBytes4 : lpmKey6.size
    const keys = kernelCall(() => binding.mapKeys(fd, cursors.get(map), most))
    const count = keys.length / keyBytes
    if (count < most) cursors.delete(map)
    else cursors.set(map, keys.slice(-keyBytes))
    const removed: string[] = []
    for (let at = 0; at < keys.length; at += keyBytes) {
      const key = keys.subarray(at, at + keyBytes)
      const text = textOf(key)
      if (isKnown(text) || isKnown(canonical(text))) continue
      if (kernelCall(() => binding.mapDelete(fd, key))) removed.push(text)
    }
    return removed
  }

  return {
    remove: (most) => [
      ...removeExact(),
      ...removeFrom('prefixes4', most, options.isPrefix),
      ...removeFrom('prefixes6', most, options.isPrefix),
      ...removeFrom('allows4', most, options.isAllow).map((text) => `allow ${text}`),
      ...removeFrom('allows6', most, options.isAllow).map((text) => `allow ${text}`),
    ],
  }
}

/** As idsd writes it; '' for what idsd would never write, e.g. with bits behind the prefix. */
function canonical(text: string): string {
  try {
    return parseTarget(text, 'key').text
  } catch {
    return ''
  }
}

/** Of a trie's key: prefix length in bits, then the address in network order. There may be very many. */
function textOf(key: Uint8Array): string {
  const length = (key[0] as number) + (key[1] as number) * 256
  const isV4 = key.length === keyBytes4
  const text = isV4
    ? `${key[4]}.${key[5]}.${key[6]}.${key[7]}`
    : addressText(new DataView(key.buffer, key.byteOffset + prefixBytes), 0)
  return length === (key.length - prefixBytes) * 8 ? text : `${text}/${length}`
}
