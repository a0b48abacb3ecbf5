/**
 * Comma-separated values as blocks of cells: bytes in, places of cells out, without an object per cell. Source:
 * RFC 4180; line feeds alone end a line too, blank lines are no rows, a byte order mark is no part of the first name.
 */

import { CliError, EXIT } from '../errors.js'

/** Rows that stand together in one piece of a file. Never empty. */
export interface CsvBlock {
  readonly bytes: Buffer
  /** How many rows. */
  readonly rows: number
  /** Index of the first cell of each row, and behind the last row the number of cells: `[rows + 1]`. */
  readonly firstCells: Int32Array
  /** Where each cell begins and ends in `bytes`, quotes with it: `[2 * cells]`. */
  readonly cells: Int32Array
  /** Line of the file on which each row begins, from 1. */
  readonly lines: Float64Array
}

/** Bytes that are taken apart at once: some thousand flows. */
const blockBytes = 1 << 20
/** Longest row. A quote that nobody closed would take in the rest of the file. */
const maxRowBytes = 4 << 20

const COMMA = 0x2c
const QUOTE = 0x22
const LINE_FEED = 0x0a
const RETURN = 0x0d

/**
 * @param chunks bytes of one file, in any pieces
 * @param name of the file, for messages
 * @throws CliError when a row is longer than 4 MiB, or a quote is still open at the end
 */
export async function* csvBlocks(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<CsvBlock> {
  let parts: Buffer[] = []
  let held = 0
  let line = 1
  let isStart = true

  function* take(isLast: boolean): Generator<CsvBlock> {
    let bytes = Buffer.concat(parts)
    if (isStart && bytes.length >= 3 && bytes.readUIntBE(0, 3) === 0xefbbbf) bytes = bytes.subarray(3)
    isStart = false
    if (isLast && bytes.length > 0 && bytes.at(-1) !== LINE_FEED)
      bytes = Buffer.concat([bytes, Buffer.from('\n')])
    const { block, used, nextLine } = split(bytes, line)
    const rest = bytes.subarray(used)
    if (rest.length > maxRowBytes || (isLast && rest.length > 0)) {
      const why = isLast ? 'a quote is not closed' : `a row of over ${maxRowBytes >> 20} MiB`
      throw new CliError(EXIT.error, `${name}: line ${nextLine}: ${why}`)
    }
    parts = [rest]
    held = rest.length
    line = nextLine
    if (block.rows > 0) yield block
  }

  let wanted = blockBytes
  for await (const chunk of chunks) {
    parts.push(chunk)
    held += chunk.length
    if (held < wanted) continue
    yield* take(false)
    // What is left is the beginning of a row: it is looked at again only with as much behind it.
    wanted = held + blockBytes
  }
  yield* take(true)
}

/** Takes whole rows apart; `used` is where the first row begins that is not whole. */
function split(bytes: Buffer, firstLine: number): { block: CsvBlock; used: number; nextLine: number } {
  let cells = new Int32Array(1 << 14)
  let firstCells = new Int32Array(1 << 10)
  let lines = new Float64Array(1 << 10)
  const end = bytes.length
  let cellEnds = 0
  let rows = 0
  let line = firstLine
  let at = 0
  let used = 0

  outer: while (at < end) {
    const rowCell = cellEnds
    const rowLine = line
    let rowLines = 1
    let byte = COMMA
    while (byte === COMMA) {
      const begin = at
      if (bytes[at] === QUOTE) {
        const close = closingQuote(bytes, at)
        if (close === -1) break outer
        for (let i = at; i < close; i++) if (bytes[i] === LINE_FEED) rowLines++
        at = close + 1
      }
      while (at < end && bytes[at] !== COMMA && bytes[at] !== LINE_FEED) at++
      if (at >= end) break outer
      byte = bytes[at] as number
      if (cellEnds + 2 > cells.length) cells = grown(cells)
      cells[cellEnds++] = begin
      cells[cellEnds++] = byte === LINE_FEED && at > begin && bytes[at - 1] === RETURN ? at - 1 : at
      at++
    }
    line += rowLines
    used = at
    const isBlank = cellEnds === rowCell + 2 && cells[rowCell] === cells[rowCell + 1]
    if (isBlank) {
      cellEnds = rowCell
      continue
    }
    if (rows + 2 > firstCells.length) {
      firstCells = grown(firstCells)
      lines = grown(lines)
    }
    firstCells[rows] = rowCell / 2
    lines[rows] = rowLine
    rows++
    firstCells[rows] = cellEnds / 2
  }
  return {
    block: { bytes, rows, firstCells, cells: cells.subarray(0, firstCells[rows]! * 2), lines },
    used,
    nextLine: line,
  }
}

/** Two quotes stand for one. @returns -1 when it is not there, or the next byte must be known */
function closingQuote(bytes: Buffer, open: number): number {
  let at = bytes.indexOf(QUOTE, open + 1)
  while (at !== -1 && at + 1 < bytes.length) {
    if (bytes[at + 1] !== QUOTE) return at
    at = bytes.indexOf(QUOTE, at + 2)
  }
  return -1
}

function grown<T extends Int32Array | Float64Array>(array: T): T {
  const larger = new (array.constructor as new (length: number) => T)(array.length * 2)
  larger.set(array)
  return larger
}
