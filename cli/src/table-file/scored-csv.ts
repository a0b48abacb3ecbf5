/** A scored table as CSV: the columns of the input, byte for byte, and behind them `score` and `verdict`. */

import type { CsvBlock } from './csv-blocks.js'
import type { ScoredBlock, ScoredTable } from './scored-table.js'

/** The columns that are added; columns of the input of these names are left out. */
export const addedColumns = ['score', 'verdict'] as const

/** Longest that they get, separators with them: a score has at most 9 digits, a sign and an exponent. */
const addedBytes = 64

export interface ScoredCsv {
  /** Columns of the input that are left out. */
  readonly replaced: readonly string[]
  readonly header: Buffer
  /** @param verdict of a score; not asked for rows that were not scored, whose two cells are empty */
  readonly rows: (scored: ScoredBlock, verdict: (score: number) => string) => Buffer
}

export function createScoredCsv({ header, headerBlock }: ScoredTable): ScoredCsv {
  const isAdded = (name: string) => addedColumns.some((added) => added === name)
  const kept = header.flatMap((name, column) => (isAdded(name) ? [] : [column]))
  const replaced = header.filter(isAdded)

  /** Copies the cells that are kept. @returns where they end */
  function copy(block: CsvBlock, row: number, out: Buffer, at: number): number {
    const { bytes, cells } = block
    const first = block.firstCells[row] as number
    if (replaced.length === 0)
      return at + bytes.copy(out, at, cells[2 * first], cells[2 * (first + header.length - 1) + 1])
    let end = at
    for (const [i, column] of kept.entries()) {
      if (i > 0) end = out.writeUInt8(0x2c, end)
      end += bytes.copy(out, end, cells[2 * (first + column)], cells[2 * (first + column) + 1])
    }
    return end
  }

  const top = Buffer.alloc(headerBlock.bytes.length + addedBytes)
  const topEnd = copy(headerBlock, 0, top, 0)
  const names = `,${addedColumns.join(',')}\n`
  return {
    replaced,
    header: top.subarray(0, topEnd + top.write(names, topEnd, 'latin1')),
    rows: ({ block, rows, scores }, verdict) => {
      const out = Buffer.allocUnsafe(block.bytes.length + rows.length * addedBytes)
      let at = 0
      for (let i = 0; i < rows.length; i++) {
        at = copy(block, rows[i] as number, out, at)
        const score = scores[i] as number
        at += out.write(
          Number.isNaN(score) ? ',,\n' : `,${scoreText(score)},${verdict(score)}\n`,
          at,
          'latin1',
        )
      }
      return out.subarray(0, at)
    },
  }
}

/** Shortest of at most nine digits, which tell any two float32 apart. Source: IEEE 754, 5.12.2. */
function scoreText(score: number): string {
  return String(Number(score.toPrecision(9)))
}
