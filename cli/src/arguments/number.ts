/** Whole numbers on the command line. */

import { InvalidArgumentError } from 'commander'

/** Most that the daemon puts into one answer. */
export const MAX_LAST = 10_000

/**
 * For `--port`.
 * @throws InvalidArgumentError
 */
export function parsePort(text: string): number {
  return whole(text, 65_535, 'a port from 1 to 65535')
}

/**
 * For `--last`.
 * @throws InvalidArgumentError
 */
export function parseLast(text: string): number {
  return whole(text, MAX_LAST, `how many to show, from 1 to ${MAX_LAST}`)
}

function whole(text: string, max: number, expected: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= max) return value
  throw new InvalidArgumentError(`Expected ${expected}.`)
}
