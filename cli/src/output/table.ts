/** Plain tables: a header, columns two spaces apart, no rules; the same on a terminal and in a pipe. */

import { printable } from './printable.js'
import type { Style } from './style.js'

export interface Column<T> {
  readonly title: string
  readonly cell: (item: T) => string
  readonly align?: 'right'
  /** Characters kept free in a table that grows row by row. */
  readonly minWidth?: number
}

/** What stays of the last column on a narrow terminal, characters; the other columns are never cut. */
const MIN_LAST = 12

/** Header and rows, each line ended. The last column is cut to fit when the width of the terminal is known. */
export function renderTable<T>(columns: readonly Column<T>[], items: readonly T[], style: Style): string {
  const rows = items.map((item) => cells(columns, item))
  const widths = columns.map((column, index) =>
    rows.reduce((width, row) => Math.max(width, row[index]!.length), column.title.length),
  )
  const lines = rows.map((row) => line(columns, row, widths, style))
  return `${[header(columns, widths, style), ...lines].join('\n')}\n`
}

/** Lines of a table whose rows are not known yet. */
export function growingTable<T>(
  columns: readonly Column<T>[],
  style: Style,
): { readonly header: string; readonly row: (item: T) => string } {
  const widths = columns.map((column) => Math.max(column.minWidth ?? 0, column.title.length))
  return {
    header: `${header(columns, widths, style)}\n`,
    row: (item) => `${line(columns, cells(columns, item), widths, style)}\n`,
  }
}

function cells<T>(columns: readonly Column<T>[], item: T): string[] {
  return columns.map((column) => printable(column.cell(item)))
}

function header<T>(columns: readonly Column<T>[], widths: readonly number[], style: Style): string {
  const titles = columns.map((column) => column.title)
  return style.colors.bold(line(columns, titles, widths, style))
}

function line<T>(
  columns: readonly Column<T>[],
  row: readonly string[],
  widths: readonly number[],
  { width }: Style,
): string {
  const padded = row.map((cell, index) =>
    columns[index]!.align === 'right' ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!),
  )
  const text = padded.join('  ').trimEnd()
  if (width === undefined || text.length <= width) return text
  const lastStart = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0)
  const room = Math.max(width, lastStart + MIN_LAST)
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`
}
