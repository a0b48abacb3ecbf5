/** A table of flows through a model: rows in, the same rows with their scores out, in order, a block at a time. */

import { isScore, type Model } from '../../../daemon/src/score/model.js'
import { CliError, EXIT } from '../errors.js'
import { printable } from '../output/printable.js'
import type { ByteSource } from './byte-source.js'
import { cellText } from './cell.js'
import { type CsvBlock, csvBlocks } from './csv-blocks.js'
import { createTally, featureMatrix, type TableTally } from './feature-matrix.js'
import { type FeaturePlaces, featurePlaces } from './feature-places.js'

/** Rows that stand together, with their scores. */
export interface ScoredBlock {
  readonly block: CsvBlock
  /** Rows of the block that have a cell for every column, ascending. */
  readonly rows: Int32Array
  /** For each of `rows`; NaN where it was not scored. */
  readonly scores: Float32Array
}

export interface ScoredTable {
  /** As they stand in the file, blanks around them taken off. */
  readonly header: readonly string[]
  /** Its first row is the header, as the file has it. */
  readonly headerBlock: CsvBlock
  readonly places: FeaturePlaces
  readonly tally: TableTally
  /** Once. */
  readonly blocks: AsyncIterable<ScoredBlock>
}

/**
 * Reads the header of a table.
 * @throws CliError when it has none, or none of the model's features
 */
export async function openScoredTable(source: ByteSource, model: Model): Promise<ScoredTable> {
  const blocks = csvBlocks(source.chunks, source.name)
  const first = await blocks.next()
  if (first.done === true) throw new CliError(EXIT.error, `${source.name} is empty: a header line is needed`)
  const headerBlock = first.value
  const width = headerBlock.firstCells[1] as number
  const header = Array.from({ length: width }, (_, cell) => cellText(headerBlock, cell))
  const { features } = model.bundle
  const places = featurePlaces(features, header)
  if (places.missing.length === features.length) {
    await blocks.return(undefined)
    throw new CliError(
      EXIT.error,
      `${source.name}: none of the model's ${features.length} features is a column of it`,
      [
        `its first line: ${printable(header.slice(0, 8).join(', '))}${header.length > 8 ? ', ...' : ''}`,
        `features: ${printable(features.slice(0, 4).join(', '))}, ... (idsctl model show)`,
        'needed is CSV with commas and a header, as idsctl extract writes it',
      ],
    )
  }
  const tally = createTally(features.length)

  async function scoredBlock(block: CsvBlock, from: number): Promise<ScoredBlock> {
    const { rows, matrix, at } = featureMatrix(block, from, width, places, tally)
    const scores = new Float32Array(rows.length).fill(Number.NaN)
    for (const [i, score] of (await model.score(matrix)).entries()) {
      if (isScore(score)) {
        scores[at[i] as number] = score
        tally.scored++
      } else tally.oddScores++
    }
    return { block, rows, scores }
  }

  async function* scored(): AsyncGenerator<ScoredBlock> {
    yield await scoredBlock(headerBlock, 1)
    for await (const block of blocks) yield await scoredBlock(block, 0)
  }
  return { header, headerBlock, places, tally, blocks: scored() }
}
