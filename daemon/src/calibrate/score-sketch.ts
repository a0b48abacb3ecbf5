/** How scores are spread, in steps of a thousandth: small, exact at each step, and two of them can be added. Pure. */

export interface ScoreSketch {
  /** Anything but a number in [0, 1] is left out. @returns whether it was counted */
  add(score: number): boolean
  /** Adds a score by its step; see `stepOf`. */
  addStep(step: number): void
  /** Takes over what another one counted. */
  merge(other: ScoreSketch): void
  /** Scores at or above a threshold in [0, 1], which is rounded down to a step. */
  countFrom(threshold: number): number
  readonly total: number
  /** Counts by step, without the zeros at the end. */
  readonly counts: readonly number[]
}

/** Steps of [0, 1); a score of exactly 1 has one of its own. */
export const STEPS = 1_000

/** The step that holds a score: the greatest whose threshold it reaches. -1 for what is no score. */
export function stepOf(score: number): number {
  if (!(score >= 0 && score <= 1)) return -1
  const step = Math.floor(score * STEPS)
  // The product may be a little off on either side.
  if ((step + 1) / STEPS <= score) return step + 1
  return step / STEPS > score ? step - 1 : step
}

/** @param counts as `counts` gave them; what is no count is taken for 0 */
export function createScoreSketch(counts: readonly number[] = []): ScoreSketch {
  const steps = new Float64Array(STEPS + 1)
  let total = 0
  for (let i = 0; i <= STEPS; i++) {
    const count = counts[i] ?? 0
    if (!(count > 0 && Number.isFinite(count))) continue
    steps[i] = count
    total += count
  }
  const addStep = (step: number) => {
    steps[step]!++
    total++
  }
  return {
    add: (score) => {
      const step = stepOf(score)
      if (step < 0) return false
      addStep(step)
      return true
    },
    addStep,
    merge: (other) => {
      other.counts.forEach((count, i) => {
        steps[i]! += count
      })
      total += other.total
    },
    countFrom: (threshold) => {
      let count = 0
      for (let i = Math.max(0, stepOf(threshold)); i <= STEPS; i++) count += steps[i]!
      return count
    },
    get total() {
      return total
    },
    get counts() {
      const last = steps.findLastIndex((count) => count > 0)
      return Array.from(steps.subarray(0, last + 1))
    },
  }
}
