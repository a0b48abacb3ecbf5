/** Figures of scores against labels. Pure. A figure without rows to stand on is null, never 0. */

/** Rows by what they are and what was said of them. */
export interface Confusion {
  /** Attacks that were flagged. */
  readonly tp: number
  /** Benign rows that were flagged. */
  readonly fp: number
  /** Benign rows that passed. */
  readonly tn: number
  /** Attacks that passed. */
  readonly fn: number
}

/** Each in [0, 1], but for kappa, in [-1, 1]. */
export interface Metrics {
  readonly accuracy: number | null
  readonly precision: number | null
  readonly recall: number | null
  readonly f1: number | null
  readonly cohens_kappa: number | null
  readonly fpr: number | null
}

/** What is reached when a share of the benign rows may be flagged. */
export interface RecallAtFpr {
  /** Largest share of benign rows above the threshold. */
  readonly max_fpr: number
  /** Lowest score of a row that is flagged; null when none is. */
  readonly threshold: number | null
  readonly recall: number | null
}

/**
 * Figures at a threshold. Kappa is the agreement beyond chance; null where chance alone agrees always.
 * Source: J. Cohen, Educational and Psychological Measurement 20(1), 1960; the others as in scikit-learn.
 */
export function metricsOf({ tp, fp, tn, fn }: Confusion): Metrics {
  const rows = tp + fp + tn + fn
  const agreed = (tp + tn) / rows
  const byChance = ((tp + fp) / rows) * ((tp + fn) / rows) + ((tn + fn) / rows) * ((tn + fp) / rows)
  // Said and true are all of one kind, or there are no rows.
  const isCertain = tp === rows || tn === rows
  return {
    accuracy: share(tp + tn, rows),
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    f1: share(2 * tp, 2 * tp + fp + fn),
    cohens_kappa: isCertain ? null : (agreed - byChance) / (1 - byChance),
    fpr: share(fp, fp + tn),
  }
}

/** @returns null when the whole is nothing */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}

/**
 * Area under the ROC curve: how often an attack has the higher score than a benign row, equal scores for a half.
 * Source: J. A. Hanley, B. J. McNeil, Radiology 143(1), 1982.
 * @param attack scores, ascending
 * @param benign scores, ascending
 * @returns null unless there are rows of both kinds
 */
export function rocAuc(attack: Float32Array, benign: Float32Array): number | null {
  if (attack.length === 0 || benign.length === 0) return null
  let below = 0
  let upTo = 0
  let wins = 0
  for (const score of attack) {
    while (below < benign.length && (benign[below] as number) < score) below++
    while (upTo < benign.length && (benign[upTo] as number) <= score) upTo++
    wins += (below + upTo) / 2
  }
  return wins / attack.length / benign.length
}

/**
 * Average precision: the precision at each step of the recall, weighted by that step; rows of equal score are one step.
 * Nothing is interpolated. Source: `average_precision_score` of scikit-learn.
 * @param attack scores, ascending
 * @param benign scores, ascending
 * @returns null without attacks
 */
export function averagePrecision(attack: Float32Array, benign: Float32Array): number | null {
  if (attack.length === 0) return null
  let hits = 0
  let falseAlarms = 0
  let area = 0
  while (hits < attack.length) {
    const score = attack[attack.length - 1 - hits] as number
    const before = hits
    while (hits < attack.length && attack[attack.length - 1 - hits] === score) hits++
    while (falseAlarms < benign.length && (benign[benign.length - 1 - falseAlarms] as number) >= score)
      falseAlarms++
    area += ((hits - before) / attack.length) * (hits / (hits + falseAlarms))
  }
  return area
}

/**
 * The most attacks that a threshold finds which flags at most one in `oneIn` benign rows.
 * @param attack scores, ascending
 * @param benign scores, ascending
 */
export function recallAtFpr(attack: Float32Array, benign: Float32Array, oneIn: number): RecallAtFpr {
  const max_fpr = 1 / oneIn
  if (benign.length === 0) return { max_fpr, threshold: null, recall: null }
  // The highest score that must pass, and all that are equal to it.
  const passing = benign[benign.length - 1 - Math.floor(benign.length / oneIn)] as number
  const firstHit = firstAbove(attack, passing)
  const lowest = Math.min(
    attack[firstHit] ?? Number.POSITIVE_INFINITY,
    benign[firstAbove(benign, passing)] ?? Number.POSITIVE_INFINITY,
  )
  return {
    max_fpr,
    threshold: lowest === Number.POSITIVE_INFINITY ? null : lowest,
    recall: share(attack.length - firstHit, attack.length),
  }
}

/** Index of the first that is greater; the length when none is. */
function firstAbove(ascending: Float32Array, score: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ascending[middle] as number) > score) high = middle
    else low = middle + 1
  }
  return low
}
