/** The bitmap in front of the IPv4 trie: one bit for each /24 that a blocked prefix touches. */

import type { Target } from '../policy/address.js'

export interface PrefixBits {
  add(target: Target): void
  /** Clears what no other prefix touches. @param others the prefixes that stay */
  remove(target: Target, others: Iterable<Target>): void
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

/** @param memory of the map `prefix_bits`, 2 MiB */
export function openPrefixBits(memory: ArrayBuffer): PrefixBits {
  const words = new Uint32Array(memory)
  return {
    add(target) {
      const { first, last } = range(target)
      setRange(words, first, last)
    },
    remove(target, others) {
      const { first, last } = range(target)
      const firstWord = first >>> 5
      // Built aside and copied over, so that no bit that is still needed is ever seen as 0.
      const next = words.slice(firstWord, (last >>> 5) + 1)
      for (let block = first; block <= last; ) {
        const word = (block >>> 5) - firstWord
        if ((block & 31) === 0 && block + 31 <= last) {
          next[word] = 0
          block += 32
        } else {
          next[word] = (next[word] as number) & ~(1 << (block & 31))
          block++
        }
      }
      for (const other of others) {
        if (other.family !== 4) continue
        const kept = range(other)
        const from = Math.max(kept.first, first)
        const to = Math.min(kept.last, last)
        if (from <= to) setRange(next, from - firstWord * 32, to - firstWord * 32)
      }
      words.set(next, firstWord)
    },
  }
}
