/** Whether there is room for lists before they are laid over each other, and how much they may take. */

import { readFileSync } from 'node:fs'
import { IdsdError } from '../errors.js'
import type { LoadedList } from './list-maps.js'

/**
 * Most memory that a load takes at its height, bytes: the table, and what lays the lists over each other. What is in
 * force meanwhile is not part of it.
 */
export function loadBytes(lists: readonly Pick<LoadedList, 'ranges4' | 'ranges6'>[]): number {
  let [four, six] = [0, 0]
  for (const { ranges4, ranges6 } of lists) {
    four += ranges4.length / 2
    six += ranges6.length / 32
  }
  const table = 2 ** 21 + 2 ** 19 + 8 * 2 ** 20 + Math.min(65_536, 2 * four) * 64 + four * 8 + six * 43
  // Events and bounds, both of two for a range.
  return table + four * (16 + 16) + six * (48 + 48)
}

/** @throws IdsdError `ERR_LISTS` with the numbers when the lists may need more than is available, bytes */
export function checkMemory(lists: readonly LoadedList[], availableBytes: number): void {
  const needed = loadBytes(lists)
  if (needed <= availableBytes || lists.length === 0) return
  const mega = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MB`
  throw new IdsdError(
    'ERR_LISTS',
    `the lists may need ${mega(needed)} while they are loaded, and ${mega(availableBytes)} are available`,
  )
}

/** Memory that programs may take before the machine swaps, bytes: MemAvailable of proc(5). */
export function memAvailable(): number {
  const found = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))
  return found === null ? Number.POSITIVE_INFINITY : Number(found[1]) * 1024
}
