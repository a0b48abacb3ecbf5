/** Collects the scores of labelled rows, and measures them. */

import { CliError, EXIT } from '../errors.js'
import { cellKey, cellText } from '../table-file/cell.js'
import type { ScoredBlock } from '../table-file/scored-table.js'
import { createFamilies, type Family, type Place } from './families.js'
import type { LabelColumns } from './label-columns.js'
import {
  averagePrecision,
  type Confusion,
  type Metrics,
  metricsOf,
  type RecallAtFpr,
  recallAtFpr,
  rocAuc,
} from './metrics.js'
import { createScoreList } from './score-list.js'

export interface Measured {
  /** Rows that count: with a label and a score. */
  readonly rows: number
  readonly attack: number
  readonly benign: number
  readonly confusion: Confusion
  readonly metrics: Metrics & { readonly roc_auc: number | null; readonly pr_auc: number | null }
  readonly recall_at_fpr: readonly RecallAtFpr[]
  readonly families: readonly Family[]
}

export interface Evaluation {
  /** @throws CliError when the labels are too many to be labels */
  add(name: string, scored: ScoredBlock, columns: LabelColumns): void
  /** Rows whose label is empty: they do not count. */
  readonly withoutLabel: () => number
  /** Once, at the end. */
  measure(): Measured
}

/** Different labels, with their families. No published data set has a tenth of it. */
const maxLabels = 1_000
/** Benign rows of which one may be flagged: 0.1 % and 1 %. */
const oneInBenign = [1_000, 100]

/**
 * @param benignWords labels of benign rows, any case
 * @param threshold lowest score that is flagged
 */
export function createEvaluation(benignWords: readonly string[], threshold: number): Evaluation {
  const families = createFamilies(benignWords)
  const attack = createScoreList()
  const benign = createScoreList()
  /** By the bytes of the two cells; null stands for no label. */
  const known = new Map<string, Place | null>()
  let withoutLabel = 0
  let confusion: Confusion = { tp: 0, fp: 0, tn: 0, fn: 0 }

  return {
    add(name, { block, rows, scores }, columns) {
      let { tp, fp, tn, fn } = confusion
      for (let i = 0; i < rows.length; i++) {
        const first = block.firstCells[rows[i] as number] as number
        const label = first + columns.label
        const family = columns.family === -1 ? -1 : first + columns.family
        const key =
          family === -1 ? cellKey(block, label) : `${cellKey(block, label)}\n${cellKey(block, family)}`
        let place = known.get(key)
        if (place === undefined) {
          if (known.size >= maxLabels)
            throw new CliError(
              EXIT.error,
              `${name}: line ${block.lines[rows[i] as number]}: over ${maxLabels} different labels`,
              ['--label names the column of the label, --family that of its family'],
            )
          const text = cellText(block, label)
          place = text === '' ? null : families.placeOf(text, family === -1 ? '' : cellText(block, family))
          known.set(key, place)
        }
        const score = scores[i] as number
        if (place === null) withoutLabel++
        if (place === null || Number.isNaN(score)) continue
        const isFlagged = score >= threshold
        place.rows++
        place.scores += score
        if (isFlagged) place.flagged++
        if (place.isBenign) {
          benign.add(score)
          if (isFlagged) fp++
          else tn++
        } else {
          attack.add(score)
          if (isFlagged) tp++
          else fn++
        }
      }
      confusion = { tp, fp, tn, fn }
    },
    withoutLabel: () => withoutLabel,
    measure() {
      const attackScores = attack.sorted()
      const benignScores = benign.sorted()
      return {
        rows: attackScores.length + benignScores.length,
        attack: attackScores.length,
        benign: benignScores.length,
        confusion,
        metrics: {
          ...metricsOf(confusion),
          roc_auc: rocAuc(attackScores, benignScores),
          pr_auc: averagePrecision(attackScores, benignScores),
        },
        recall_at_fpr: oneInBenign.map((oneIn) => recallAtFpr(attackScores, benignScores, oneIn)),
        families: families.list(),
      }
    },
  }
}
