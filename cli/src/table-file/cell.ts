/** A cell of a block as a number or as text. */

import type { CsvBlock } from './csv-blocks.js'

const QUOTE = 0x22
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39

/** Digits that a double holds whatever they are. Source: IEEE 754, 53 bits. */
const exactDigits = 15
/** Powers of ten that are exact as doubles. */
const powers = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i
const infinite = /^[+-]?inf(inity)?$/i

const utf8 = new TextDecoder('utf-8', { fatal: true })
/**
 * Bytes 0x80 to 0x9f of Windows-1252, which is Latin-1 but for them: labels of 2017 have its dash. Not by TextDecoder:
 * that of Node 20 takes it for Latin-1. Source: encoding.spec.whatwg.org, index windows-1252.
 */
const windows =
  '\u20ac\x81\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\x8d\u017d\x8f' +
  '\x90\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\x9d\u017e\u0178'

/**
 * Blanks and quotes around it do not matter.
 * @param cell index into the cells of the block
 * @returns the nearest double; NaN for what is no number, e.g. an empty cell
 */
export function cellNumber({ bytes, cells }: CsvBlock, cell: number): number {
  let at = cells[2 * cell] as number
  let end = cells[2 * cell + 1] as number
  while (at < end && isAround(bytes[at] as number)) at++
  while (end > at && isAround(bytes[end - 1] as number)) end--
  const isNegative = bytes[at] === 0x2d && at < end
  const begin = isNegative ? at + 1 : at
  let digits = 0
  let value = 0
  let point = -1
  for (let i = begin; i < end; i++) {
    const byte = bytes[i] as number
    if (byte >= ZERO && byte <= NINE) {
      value = value * 10 + (byte - ZERO)
      digits++
    } else if (byte === POINT && point === -1) point = i
    else return slowNumber(bytes.toString('latin1', at, end))
  }
  if (digits === 0) return Number.NaN
  if (digits > exactDigits) return slowNumber(bytes.toString('latin1', at, end))
  // Both are exact, so the one rounding of the division gives the nearest double.
  if (point !== -1) value /= powers[end - 1 - point] as number
  return isNegative ? -value : value
}

function slowNumber(text: string): number {
  if (decimal.test(text)) return Number(text)
  if (infinite.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return Number.NaN
}

/** Without blanks around it, quotes taken off; UTF-8, or Windows-1252 where it is not. */
export function cellText({ bytes, cells }: CsvBlock, cell: number): string {
  const raw = bytes.subarray(cells[2 * cell], cells[2 * cell + 1])
  let text: string
  try {
    text = utf8.decode(raw)
  } catch {
    text = raw.toString('latin1').replace(/[\x80-\x9f]/g, (byte) => windows.charAt(byte.charCodeAt(0) - 0x80))
  }
  const bare = text.trim()
  const isQuoted = bare.length >= 2 && bare.startsWith('"') && bare.endsWith('"')
  return isQuoted ? bare.slice(1, -1).replaceAll('""', '"').trim() : bare
}

/** The bytes of a cell as a key: equal cells have equal keys. */
export function cellKey({ bytes, cells }: CsvBlock, cell: number): string {
  return bytes.toString('latin1', cells[2 * cell], cells[2 * cell + 1])
}

function isAround(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === QUOTE
}
