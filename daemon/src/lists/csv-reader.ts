/** One column of comma-separated values; quotes after RFC 4180, but a row is one line. Pure. */

import { createLineSplitter } from './line-splitter.js'
import { type Found, type PieceReader, unreadableList } from './list-reader.js'
import { readText } from './read-target.js'

/** Names under which feeds give addresses. */
const knownNames =
  /^(ip|ips|ip_?addr(ess)?|address|addr|cidr|network|netblock|prefix|range|target|value|indicator|src_?ip|source_?ip|dst_?ip)$/i

/** @param column a name, or a position from 1; undefined: by name, else the first */
export function createCsvReader({ builder, fault }: Found, column: string | undefined): PieceReader {
  let at: number | undefined = /^\d+$/.test(column ?? '') ? Number(column) - 1 : undefined
  let isHeader = true
  return createLineSplitter((bytes, begin, end, line) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString('utf8')
    if (text.trim() === '') return
    const isComment = /^\s*[#;]/.test(text)
    // Some feeds write the header as a comment.
    const cells = cellsOf(isHeader ? text.replace(/^\s*[#;]\s*/, '') : text)
    if (isHeader && at === undefined) {
      const found = cells.findIndex((cell) =>
        column === undefined ? knownNames.test(cell) : cell.toLowerCase() === column.toLowerCase(),
      )
      if (found >= 0) {
        at = found
        isHeader = false
        return
      }
      if (isComment) return
      if (column !== undefined)
        throw unreadableList(`line ${line}: there is no column ${JSON.stringify(column)}`)
      at = 0
    }
    if (isComment) return
    const cell = cells[at ?? 0]
    const problem = cell === undefined ? `expected a column ${(at ?? 0) + 1}` : readText(cell, line, builder)
    // A first row whose cell is no address is a header.
    const isTitle = isHeader && problem !== undefined && cell !== undefined && /^[a-z_ ]+$/i.test(cell)
    isHeader = false
    if (problem !== undefined && !isTitle) fault(line, problem)
  })
}

function cellsOf(text: string): string[] {
  if (!text.includes('"')) return text.split(',').map((cell) => cell.trim())
  const cells: string[] = []
  for (const match of text.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))/g))
    cells.push(match[1] !== undefined ? match[1].replaceAll('""', '"').trim() : (match[2] ?? '').trim())
  return cells
}
