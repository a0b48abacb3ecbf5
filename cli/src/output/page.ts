/** Pages for one thing: labels on the left, values on the right. */

import { printable } from './printable.js'
import type { Style } from './style.js'

export type Field = readonly [label: string, value: string]

/** One line per field, values aligned; a field whose value is empty is left out. Values may carry colour. */
export function fields(items: readonly Field[], { colors }: Style): string {
  const shown = items.filter(([, value]) => value !== '')
  const width = Math.max(0, ...shown.map(([label]) => label.length))
  return shown.map(([label, value]) => `  ${colors.dim(label.padEnd(width))}  ${value}\n`).join('')
}

/** A heading with the lines under it, indented; nothing when there are no lines. */
export function section(heading: string, lines: readonly string[], { colors }: Style): string {
  if (lines.length === 0) return ''
  return `\n${colors.bold(heading)}\n${lines.map((line) => `  ${line}\n`).join('')}`
}

/** Text as one shell word: a value from elsewhere stays one argument when the line is pasted. */
export function shellWord(text: string): string {
  const safe = printable(text)
  return /^[\w@%+=:,./-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`
}
