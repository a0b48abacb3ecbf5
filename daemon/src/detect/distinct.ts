/** Counts distinct numbers in 2 kB, roughly. */

export interface Distinct {
  add(number: number): void
  /** Estimate; about 1 % off up to 16,384, and at most 158,996. */
  count(): number
  /** What it holds, to go on from later. */
  readonly words: readonly number[]
}

const BITS = 16_384

/**
 * @param given `words` of one before
 * Source: linear counting, Whang et al., ACM TODS 15(2), 1990; the mix is the finalizer of MurmurHash3.
 */
export function createDistinct(given: readonly number[] = []): Distinct {
  const words = Uint32Array.from({ length: BITS / 32 }, (_, i) => given[i] ?? 0)
  let set = 0
  for (const word of words) set += bitsIn(word)
  return {
    add: (number) => {
      const bit = mix(number) & (BITS - 1)
      const mask = 1 << (bit & 31)
      if ((words[bit >> 5]! & mask) !== 0) return
      words[bit >> 5]! |= mask
      set++
    },
    count: () => Math.round(-BITS * Math.log(Math.max(1, BITS - set) / BITS)),
    get words() {
      return Array.from(words)
    },
  }
}

function bitsIn(word: number): number {
  let bits = 0
  for (let rest = word; rest !== 0; rest &= rest - 1) bits++
  return bits
}

function mix(number: number): number {
  let h = number | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
