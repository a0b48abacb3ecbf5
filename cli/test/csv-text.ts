/** CSV for tests, from text. */

import { cellText } from '../src/table-file/cell.js'
import { type CsvBlock, csvBlocks } from '../src/table-file/csv-blocks.js'

/** @param pieceBytes how many bytes come at once */
export async function* pieces(text: string | Buffer, pieceBytes = 1 << 16): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

/** The one block of a short text. */
export async function blockOf(text: string | Buffer): Promise<CsvBlock> {
  for await (const block of csvBlocks(pieces(text), 'a.csv')) return block
  throw new Error('no rows')
}

/** Cells of all rows. */
export function rowsOf(block: CsvBlock): string[][] {
  return Array.from({ length: block.rows }, (_, row) => {
    const first = block.firstCells[row] as number
    const cells = (block.firstCells[row + 1] as number) - first
    return Array.from({ length: cells }, (_, cell) => cellText(block, first + cell))
  })
}
