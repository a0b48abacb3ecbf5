/** One address, CIDR or range a line, with comments after `#` or `;`: plain lists, netsets, and DROP as text. Pure. */

import { createLineSplitter } from './line-splitter.js'
import type { Found, PieceReader } from './list-reader.js'
import { readTarget } from './read-target.js'

const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09
const isComment = (byte: number | undefined) => byte === 0x23 || byte === 0x3b
const DASH = 0x2d

export function createPlainReader({ builder, fault }: Found): PieceReader {
  return createLineSplitter((bytes, begin, end, line) => {
    let first = begin
    while (first < end && isBlank(bytes[first])) first++
    if (first === end || isComment(bytes[first])) return
    let last = first
    while (last < end && !isBlank(bytes[last]) && !isComment(bytes[last])) last++
    let behind = last
    while (behind < end && isBlank(bytes[behind])) behind++
    if (behind < end && !isComment(bytes[behind])) {
      // A range may stand apart: 192.0.2.1 - 192.0.2.9.
      if (bytes[behind] !== DASH && bytes[last - 1] !== DASH)
        return fault(line, 'expected one address, CIDR or range, got more behind it')
      last = behind
      while (last < end && !isComment(bytes[last])) last++
      while (isBlank(bytes[last - 1])) last--
    }
    const problem = readTarget(bytes, first, last, line, builder)
    if (problem !== undefined) fault(line, problem)
  })
}
