/** Numbers that look random and are the same in every run. */

export interface Random {
  /** In [0, 1). */
  next(): number
  /** Whole, in [0, below). */
  below(below: number): number
  pick<T>(values: readonly T[]): T
}

/** Source: Mulberry32, T. Ettinger, public domain. */
export function createRandom(seed: number): Random {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return { next, below, pick: (values) => values[below(values.length)] as (typeof values)[number] }
}
