/**
 * Rows of a table as rows of a model, as the daemon would have them. A cell that is no finite number is 0; one below
 * 0 is 0 where idsd is never below 0: the published tables have negative gaps, of packets out of order. The rates of a
 * flow of zero duration are those of idsd. Source: `matrix` of training/columns.py.
 */

import { cellNumber } from './cell.js'
import type { CsvBlock } from './csv-blocks.js'
import type { FeaturePlaces } from './feature-places.js'

/** What was found in a table; it grows while the table is read. */
export interface TableTally {
  /** Rows that have a cell for every column. */
  rows: number
  /** Rows that were scored. */
  scored: number
  /** Rows with another number of cells: they are left out. */
  wrongRows: number
  /** The first of them. */
  readonly firstWrong: { readonly line: number; readonly cells: number }[]
  /** Rows without a finite number for any feature of the model: nothing to score. */
  withoutFeatures: number
  /** Rows whose score is no number in [0, 1]. */
  oddScores: number
  /** For each feature of the model, cells that were no finite number, and taken as 0. */
  readonly notFinite: Float64Array
  /** For each feature, cells below 0 where idsd never is: taken as 0. */
  readonly belowZero: Float64Array
}

/** Wrong rows that are told by their line. */
const toldWrongRows = 5

export function createTally(features: number): TableTally {
  return {
    ...{ rows: 0, scored: 0, wrongRows: 0, firstWrong: [], withoutFeatures: 0, oddScores: 0 },
    notFinite: new Float64Array(features),
    belowZero: new Float64Array(features),
  }
}

/**
 * @param from first row that is looked at
 * @param width columns of the table
 * @param tally what is found is added to it
 * @returns `rows` that have a cell for every column; `matrix`, row-major, `[n, features]`, of those that have a finite
 * number for a feature; and `at`, the place of each of these in `rows`
 */
export function featureMatrix(
  block: CsvBlock,
  from: number,
  width: number,
  places: FeaturePlaces,
  tally: TableTally,
) {
  const features = places.columns.length
  const rows = new Int32Array(block.rows - from)
  const at = new Int32Array(rows.length)
  const matrix = new Float32Array(rows.length * features)
  let whole = 0
  let filled = 0
  for (let row = from; row < block.rows; row++) {
    const cells = (block.firstCells[row + 1] as number) - (block.firstCells[row] as number)
    if (cells !== width) {
      tally.wrongRows++
      if (tally.firstWrong.length < toldWrongRows)
        tally.firstWrong.push({ line: block.lines[row] as number, cells })
      continue
    }
    if (fillRow(block, row, places, tally, matrix, filled * features)) at[filled++] = whole
    else tally.withoutFeatures++
    rows[whole++] = row
  }
  tally.rows += whole
  return {
    rows: rows.subarray(0, whole),
    matrix: filled === rows.length ? matrix : matrix.slice(0, filled * features),
    at: at.subarray(0, filled),
  }
}

/** Writes one row. @returns false, and counts nothing, when it has no finite number for any feature */
function fillRow(
  block: CsvBlock,
  row: number,
  { columns, atZeroDuration, isNeverNegative, durationColumn }: FeaturePlaces,
  { notFinite, belowZero }: TableTally,
  matrix: Float32Array,
  base: number,
): boolean {
  const firstCell = block.firstCells[row] as number
  const durationUs = durationColumn === -1 ? Number.NaN : cellNumber(block, firstCell + durationColumn)
  // What is no time, or runs backward, is taken as 0.
  const isAtZero = durationColumn !== -1 && !(durationUs > 0 && durationUs < Number.POSITIVE_INFINITY)
  let finite = 0
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as number
    if (column === -1) continue
    const value = cellNumber(block, firstCell + column)
    matrix[base + i] = value
    if (Number.isFinite(value)) finite++
  }
  if (finite === 0) {
    matrix.fill(0, base, base + columns.length)
    return false
  }
  for (let i = 0; i < columns.length; i++) {
    if ((columns[i] as number) === -1) continue
    const value = matrix[base + i] as number
    const given = atZeroDuration[i] as number
    if (isAtZero && !Number.isNaN(given)) matrix[base + i] = given
    else if (!Number.isFinite(value)) {
      notFinite[i]!++
      matrix[base + i] = 0
    } else if (value < 0 && isNeverNegative[i] === 1 && !(durationColumn === -1 && value === given)) {
      belowZero[i]!++
      matrix[base + i] = 0
    }
  }
  return true
}
