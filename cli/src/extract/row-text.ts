/** Rows of flows as bytes of text: comma-separated values, or one JSON object a line. */

import { csvLine } from '../export/csv-line.js'
import type { ExtractColumn } from './extract-columns.js'
import type { FlowRow } from './flow-row.js'
import { maxNumberBytes, writeNumber, writeText } from './number-text.js'
import { writeAddress } from './write-address.js'

export interface RowText {
  /** What stands before the first row. */
  readonly header: string
  /** No row has more. */
  readonly maxRowBytes: number
  /** @returns where the next byte goes @param out with `maxRowBytes` of room behind `at` */
  write(out: Uint8Array, at: number, row: FlowRow): number
}

/** Longest text of an address, characters: `addressText` writes an IPv4 part for ::ffff:0:0/96 alone. */
const maxAddressBytes = 39

/** A header and a line for each flow; a cell is empty where nothing is known. */
export function csvRows(columns: readonly ExtractColumn[]): RowText {
  return rows(columns, {
    header: csvLine(columns.map(({ name }) => name)),
    before: columns.map((_, i) => (i === 0 ? '' : ',')),
    quote: '',
    unknown: '',
    end: '\n',
  })
}

/** An object for each flow, null where nothing is known. */
export function jsonRows(columns: readonly ExtractColumn[]): RowText {
  return rows(columns, {
    header: '',
    before: columns.map(({ name }, i) => `${i === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    quote: '"',
    unknown: 'null',
    end: '}\n',
  })
}

interface Notation {
  readonly header: string
  /** In front of each value. */
  readonly before: readonly string[]
  /** Around a text. */
  readonly quote: string
  readonly unknown: string
  readonly end: string
}

function rows(columns: readonly ExtractColumn[], notation: Notation): RowText {
  const { header, quote, unknown, end } = notation
  const before = notation.before.map((text) => Buffer.from(text))
  // Addresses have no place among the numbers.
  const places = Int32Array.from(columns, ({ kind, place }) =>
    kind === 'src' ? -1 : kind === 'dst' ? -2 : place,
  )
  const maxRowBytes =
    before.reduce((sum, bytes) => sum + bytes.length, 0) +
    columns.length * Math.max(maxNumberBytes, maxAddressBytes + 2 * quote.length) +
    end.length
  return {
    header,
    maxRowBytes,
    write(out, from, row) {
      const { numbers } = row
      let at = from
      for (let i = 0; i < places.length; i++) {
        const bytes = before[i] as Uint8Array
        for (let j = 0; j < bytes.length; j++) out[at++] = bytes[j] as number
        const place = places[i] as number
        if (place < 0) {
          at = writeText(out, at, quote)
          at = writeAddress(out, at, row.view, place === -1 ? row.srcAt : row.dstAt)
          at = writeText(out, at, quote)
          continue
        }
        const value = numbers[place] as number
        at = Number.isNaN(value) ? writeText(out, at, unknown) : writeNumber(out, at, value)
      }
      return writeText(out, at, end)
    },
  }
}
