/** The three formats: table, one JSON document, JSON lines. Every JSON object says its `schema`. */

import { MAX_LAST } from '../arguments/number.js'
import type { Globals } from '../globals.js'
import { type Io, note } from '../io.js'
import { type Style, styleOf } from './style.js'
import { type Column, growingTable, renderTable } from './table.js'
import { count } from './units.js'

export type Document = { readonly schema: string } & Readonly<Record<string, unknown>>

/** How items of one kind are shown. */
export interface Kind<T> {
  /** Plural, as in `no flows match`; also the key of the list in JSON. */
  readonly plural: string
  /** Schema of the document that holds a list. */
  readonly listSchema: string
  readonly columns: (nowMs: number) => readonly Column<T>[]
  readonly document: (item: T) => Document
  /** Most that the daemon puts into one answer; absent is `MAX_LAST`. */
  readonly mostListed?: number
}

/** Prints one thing: `page` for people, `document` for programs. */
export function printOne(io: Io, globals: Globals, document: Document, page: (style: Style) => string): void {
  if (globals.output === 'table') io.stdout.write(page(styleOf(io, globals.color)))
  else io.stdout.write(`${JSON.stringify(document, null, globals.output === 'json' ? 2 : 0)}\n`)
}

/**
 * Prints a list; when the daemon has more that match, says so apart from the results.
 * @param isPartial the search was not whole, so `total` is a lower bound; undefined where every search is whole
 * @param more of the JSON document
 */
export function printList<T>(
  io: Io,
  globals: Globals,
  kind: Kind<T>,
  items: readonly T[],
  total: number,
  isPartial?: boolean,
  more: Readonly<Record<string, unknown>> = {},
): void {
  const { plural, mostListed = MAX_LAST } = kind
  const all = `${isPartial === true ? 'at least ' : ''}${count(total)} ${plural}`
  if (globals.output === 'json') {
    const list = {
      ...{ schema: kind.listSchema, total, shown: items.length },
      ...(isPartial === undefined ? {} : { partial: isPartial }),
      [plural]: items.map(kind.document),
      ...more,
    }
    io.stdout.write(`${JSON.stringify(list, null, 2)}\n`)
  } else if (globals.output === 'jsonl') {
    io.stdout.write(items.map((item) => `${JSON.stringify(kind.document(item))}\n`).join(''))
  } else if (items.length > 0) {
    io.stdout.write(renderTable(kind.columns(io.nowMs()), items, styleOf(io, globals.color)))
  }
  if (items.length === 0)
    note(
      io,
      total === 0 ? `no ${plural} match${isPartial === true ? ' so far' : ''}` : `showing none of ${all}`,
    )
  else if (items.length < total) {
    note(
      io,
      `showing ${count(items.length)} of ${all}, newest first; ` +
        `${items.length < mostListed ? `--last ${Math.min(total, mostListed)} shows more, ` : ''}` +
        '--since, --until and --ip select',
    )
  }
}

/** Returns a function that prints items as they come. `false` asks to wait until the output has drained. */
export function itemPrinter<T>(io: Io, globals: Globals, kind: Kind<T>): (item: T) => boolean {
  if (globals.output !== 'table') return (item) => io.stdout.write(`${JSON.stringify(kind.document(item))}\n`)
  const table = growingTable(kind.columns(io.nowMs()), styleOf(io, globals.color))
  io.stdout.write(table.header)
  return (item) => io.stdout.write(table.row(item))
}
