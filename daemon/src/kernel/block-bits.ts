/** The bitmap in front of the IPv4 set and trie: one bit for each /24 that a blocked address or prefix touches. */

import type { Target } from '../policy/address.js'

export interface BlockBits {
  add(prefix: Target): void
  /** Clears what nothing else touches. @param others the prefixes that stay */
  remove(prefix: Target, others: Iterable<Target>): void
  addAddress(address: Target): void
  /** Sets the bit of an address that was added before. */
  mark(address: Target): void
  /** Whether the bit of the first /24 is set. */
  isMarked(target: Target): boolean
  /** Clears what nothing else touches. @param prefixes that are blocked */
  removeAddress(address: Target, prefixes: Iterable<Target>): void
}

/** First and last /24, numbered from 0. */
function range(target: Target): { first: number; last: number } {
  const [a = 0, b = 0, c = 0] = target.bytes
  const first = (a << 16) | (b << 8) | c
  return { first, last: target.prefix >= 24 ? first : first + 2 ** (24 - target.prefix) - 1 }
}

function setRange(words: Uint32Array, first: number, last: number): void {
  for (let block = first; block <= last; ) {
    if ((block & 31) === 0 && block + 31 <= last) {
      words[block >>> 5] = 0xffffffff
      block += 32
    } else {
      words[block >>> 5] = (words[block >>> 5] as number) | (1 << (block & 31))
      block++
    }
  }
}

function clearRange(words: Uint32Array, first: number, last: number): void {
  for (let block = first; block <= last; ) {
    if ((block & 31) === 0 && block + 31 <= last) {
      words[block >>> 5] = 0
      block += 32
    } else {
      words[block >>> 5] = (words[block >>> 5] as number) & ~(1 << (block & 31))
      block++
    }
  }
}

/** @param memory of the map `block_bits`, 2 MiB */
export function openBlockBits(memory: ArrayBuffer): BlockBits {
  const words = new Uint32Array(memory)
  /** Blocked addresses by /24. */
  const addresses = new Map<number, number>()

  const clear = (first: number, last: number, prefixes: Iterable<Target>) => {
    const firstWord = first >>> 5
    const base = firstWord * 32
    // Built aside and copied over, so that no bit that is still needed is ever seen as 0.
    const next = words.slice(firstWord, (last >>> 5) + 1)
    clearRange(next, first - base, last - base)
    for (const prefix of prefixes) {
      if (prefix.family !== 4) continue
      const kept = range(prefix)
      const from = Math.max(kept.first, first)
      const to = Math.min(kept.last, last)
      if (from <= to) setRange(next, from - base, to - base)
    }
    const inside =
      last - first < addresses.size
        ? Array.from({ length: last - first + 1 }, (_unused, i) => first + i)
        : addresses.keys()
    for (const block of inside) {
      if (block >= first && block <= last && addresses.has(block)) setRange(next, block - base, block - base)
    }
    words.set(next, firstWord)
  }

  return {
    add(prefix) {
      const { first, last } = range(prefix)
      setRange(words, first, last)
    },
    remove(prefix, others) {
      const { first, last } = range(prefix)
      clear(first, last, others)
    },
    addAddress(address) {
      const { first } = range(address)
      addresses.set(first, (addresses.get(first) ?? 0) + 1)
      setRange(words, first, first)
    },
    mark(address) {
      const { first } = range(address)
      setRange(words, first, first)
    },
    isMarked(target) {
      const { first } = range(target)
      return ((words[first >>> 5] as number) & (1 << (first & 31))) !== 0
    },
    removeAddress(address, prefixes) {
      const { first } = range(address)
      const left = (addresses.get(first) ?? 0) - 1
      if (left > 0) {
        addresses.set(first, left)
        return
      }
      addresses.delete(first)
      clear(first, first, prefixes)
    },
  }
}
