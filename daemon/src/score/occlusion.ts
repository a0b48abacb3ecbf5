/**
 * Why a model gave its score: each feature in turn is replaced by its median over the training data, and what the score
 * then loses is that feature's weight. It says what the score rests on, not what caused the traffic; features that say
 * the same hide each other. Pure.
 * Source: occlusion, Zeiler and Fergus, ECCV 2014, one feature at a time.
 */

import { featureColumns } from '../features/columns.js'

/** Features of one flow by name. */
export interface StoredRow {
  readonly names: readonly string[]
  readonly values: ArrayLike<number>
}

export interface FeatureWeight {
  /** As the bundle names it. */
  readonly name: string
  readonly value: number
  readonly median: number
  /** Score with the median in place of the value, in [0, 1]. */
  readonly score: number
}

export interface Occlusion {
  /** Score of the row as it is, in [0, 1]. */
  readonly score: number
  /** Those that move the score, the greatest loss of score first. */
  readonly weights: readonly FeatureWeight[]
}

/** @param columns indices into `featureColumns`; -1 is 0, and so is what was not stored */
export function storedRow({ names, values }: StoredRow, columns: readonly number[]): Float32Array {
  const places = new Map(names.map((name, i) => [name, i]))
  return Float32Array.from(columns, (column) => {
    const place = places.get(featureColumns[column]?.name ?? '')
    return place === undefined ? 0 : (values[place] as number)
  })
}

/** @returns row-major `[n + 1, n]`: the row, then for each feature the row with its median */
export function occludedRows(row: Float32Array, medians: readonly number[]): Float32Array {
  const width = row.length
  const rows = new Float32Array((width + 1) * width)
  for (let i = 0; i <= width; i++) rows.set(row, i * width)
  medians.forEach((median, i) => {
    rows[(i + 1) * width + i] = median
  })
  return rows
}

/** @param scores of `occludedRows`, in their order */
export function occlusion(
  names: readonly string[],
  row: Float32Array,
  medians: readonly number[],
  scores: Float32Array,
): Occlusion {
  const score = scores[0] as number
  const weights = names
    .map((name, i) => ({
      name,
      value: row[i] as number,
      median: medians[i] as number,
      score: scores[i + 1] as number,
    }))
    .filter((weight) => weight.score !== score)
    .sort((a, b) => a.score - b.score)
  return { score, weights }
}
