/** How much a program has written. */

import { readFileSync } from 'node:fs'

/** Lines of a table below its head. @throws Error when there is none */
export function countRows(path: string): number {
  const bytes = readFileSync(path)
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return atLeastOne(lines - 1)
}

/** @throws Error when nothing was counted */
export function atLeastOne(count: number): number {
  if (count <= 0) throw new Error('nothing was written')
  return count
}
