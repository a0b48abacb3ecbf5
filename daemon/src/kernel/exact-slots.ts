/** The slots of the exact set: buckets of 15 tags and a word of their families, in memory that the programs read too. */

import type { Target } from '../policy/address.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { bucketWays, bucketWords } from './data-path.js'
import { addressBytes, exactTag, hashBucket } from './exact-hash.js'
import { blockEntry } from './wire.js'

export interface FoundSlot {
  /** That holds the address; else the first free one of its bucket, or -1 when it cannot be held. */
  readonly slot: number
  readonly isHeld: boolean
  readonly tag: number
}

export interface ExactSlots {
  find(target: Target): FoundSlot
  /** Where the entry of a slot begins, bytes. */
  entryAt(slot: number): number
  /** From here on the programs find the entry of the slot. */
  publish(slot: number, tag: number, family: 4 | 6): void
  /** From here on they do not. */
  clear(slot: number): void
}

export interface ExactSlotsOptions {
  readonly binding: Binding
  readonly path: Pick<DataPath, 'fd'>
  /** Memory of the entries. */
  readonly entries: DataView
  /** A power of two. */
  readonly buckets: number
  readonly hashSeed: number
}

/** @throws KernelError */
export function openExactSlots({ binding, path, entries, buckets, hashSeed }: ExactSlotsOptions): ExactSlots {
  const tags = new Uint32Array(kernelCall(() => binding.mapMemory(path.fd('block_tags'))))

  /** Low ways of all buckets lie together. */
  const entryAt = (slot: number): number =>
    ((slot % bucketWords) * buckets + Math.floor(slot / bucketWords)) * blockEntry.size

  return {
    entryAt,
    find(target) {
      const address = new DataView(addressBytes(target.bytes).buffer)
      const tag = exactTag(address, target.family, hashSeed)
      if (tag === 0) return { slot: -1, isHeld: false, tag }
      const first = hashBucket(tag, hashSeed, buckets - 1) * bucketWords
      let free = -1
      for (let slot = first; slot < first + bucketWays; slot++) {
        if (tags[slot] === tag) {
          const at = entryAt(slot)
          const isSame =
            (((tags[first + bucketWays] as number) >>> (slot - first)) & 1) ===
              (target.family === 6 ? 1 : 0) &&
            [0, 4, 8, 12].every((i) => entries.getUint32(at + i, true) === address.getUint32(i, true))
          // The kernel looks no further than the first equal tag.
          return isSame ? { slot, isHeld: true, tag } : { slot: -1, isHeld: false, tag }
        }
        if (free < 0 && tags[slot] === 0) free = slot
      }
      return { slot: free, isHeld: false, tag }
    },
    publish(slot, tag, family) {
      // Family first, tag last: a reader that sees the tag sees what belongs to it.
      const way = slot % bucketWords
      const word = slot - way + bucketWays
      if (family === 6) Atomics.or(tags, word, 1 << way)
      else Atomics.and(tags, word, ~(1 << way))
      Atomics.store(tags, slot, tag)
    },
    clear: (slot) => void Atomics.store(tags, slot, 0),
  }
}
