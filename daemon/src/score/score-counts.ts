/** Counts scores into the buckets of a histogram. */

/** Upper bounds of the buckets; closer where hits are. */
export const scoreBounds: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]

/** As a Prometheus histogram wants it: prometheus.io, exposition formats. */
export interface ScoreCounts {
  readonly bounds: readonly number[]
  /** Scores at most as high as the bound at the same place. */
  readonly cumulative: readonly number[]
  /** Of all scores. */
  readonly sum: number
  /** All scores, those above the last bound too. */
  readonly count: number
}

export interface ScoreCounter {
  /** @param score in [0, 1] */
  add(score: number): void
  counts(): ScoreCounts
}

export function createScoreCounter(): ScoreCounter {
  const buckets = new Float64Array(scoreBounds.length + 1)
  let sum = 0
  return {
    add(score) {
      const bucket = scoreBounds.findIndex((bound) => score <= bound)
      const at = bucket === -1 ? scoreBounds.length : bucket
      buckets[at] = (buckets[at] as number) + 1
      sum += score
    },
    counts() {
      let count = 0
      const running = Array.from(buckets, (scores) => {
        count += scores
        return count
      })
      return { bounds: scoreBounds, cumulative: running.slice(0, -1), sum, count }
    },
  }
}
