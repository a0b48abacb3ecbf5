/** Whole numbers on the command line. */

import { InvalidArgumentError } from 'commander'

/** Most that the daemon puts into one answer. */
export const MAX_LAST = 10_000

/** Most alerts that the daemon puts into one answer: they come with their flows. */
export const MAX_LAST_ALERTS = 500

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

/**
 * For `--last` of alerts.
 * @throws InvalidArgumentError
 */
export function parseLastAlerts(text: string): number {
  return whole(text, MAX_LAST_ALERTS, `how many alerts to show, from 1 to ${MAX_LAST_ALERTS}`)
}

/**
 * For `--min-score`.
 * @throws InvalidArgumentError
 */
export function parseScore(text: string): number {
  const value = /^(\d{1,3}(\.\d{0,9})?|\.\d{1,9})$/.test(text) ? Number(text) : Number.NaN
  if (value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('Expected a score from 0 to 1, such as 0.9.')
}

/**
 * For `--count`.
 * @throws InvalidArgumentError
 */
export function parseCount(text: string): number {
  return whole(text, 1_000, 'how many of each to show, from 1 to 1000')
}

/**
 * For `--max-flows`.
 * @throws InvalidArgumentError
 */
export function parseMaxFlows(text: string): number {
  return whole(text, 100_000_000, 'how many open flows may be held, from 1 to 100000000')
}

function whole(text: string, max: number, expected: string): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (value >= 1 && value <= max) return value
  throw new InvalidArgumentError(`Expected ${expected}.`)
}
