/** Counts values by size, as Prometheus reads them: every bucket holds what is at most its bound. */

export interface HistogramReading {
  /** Upper bounds, ascending; the last bucket, without bound, is `count`. */
  readonly bounds: readonly number[]
  /** Values at most as great as the bound of this place. */
  readonly cumulative: readonly number[]
  readonly sum: number
  readonly count: number
}

export interface Histogram {
  /** A value that is no number is passed over. */
  observe(value: number): void
  read(): HistogramReading
}

/** @param bounds ascending */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = bounds.map(() => 0)
  let sum = 0
  let count = 0
  return {
    observe: (value) => {
      if (Number.isNaN(value)) return
      sum += value
      count++
      const at = bounds.findIndex((bound) => value <= bound)
      if (at >= 0) counts[at] = (counts[at] as number) + 1
    },
    read: () => {
      let below = 0
      const cumulative = counts.map((each) => {
        below += each
        return below
      })
      return { bounds, cumulative, sum, count }
    },
  }
}
