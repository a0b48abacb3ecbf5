/** Lengths of time on the command line: `30s`, `10m`, `1h`, `2d`, `1h30m`. Whole milliseconds. */

import { InvalidArgumentError } from 'commander'
import * as words from '../../../daemon/src/duration.js'

export const { DURATION_FORMS } = words

/** Milliseconds; undefined when `text` is no length of time. */
export function durationMs(text: string): number | undefined {
  const ms = words.durationMs(text)
  return ms === undefined ? undefined : Math.floor(ms)
}

/**
 * For `--ttl`, in ms.
 * @throws InvalidArgumentError
 */
export function parseTtl(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined) throw new InvalidArgumentError(`Expected ${DURATION_FORMS}.`)
  if (ms < 1_000)
    throw new InvalidArgumentError('Expected at least 1s; without --ttl a block stays until unblocked.')
  return ms
}

/**
 * For `--for`, in ms.
 * @throws InvalidArgumentError
 */
export function parseFor(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined) throw new InvalidArgumentError(`Expected ${DURATION_FORMS}.`)
  if (ms < 1_000) throw new InvalidArgumentError('Expected at least 1s; without --for it has no end.')
  return ms
}

const MAX_TRIAL_MS = 86_400_000

/**
 * For `--confirm`, in ms.
 * @throws InvalidArgumentError
 */
export function parseConfirm(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined) throw new InvalidArgumentError(`Expected ${DURATION_FORMS}.`)
  if (ms < 1_000 || ms > MAX_TRIAL_MS)
    throw new InvalidArgumentError('Expected 1s to 24h; without --confirm the change is for good.')
  return ms
}

/**
 * For `--every`, in ms. The daemon counts sources over 10 s: what lies between two looks must not be longer.
 * @throws InvalidArgumentError
 */
export function parseEvery(text: string): number {
  const ms = durationMs(text)
  if (ms !== undefined && ms >= 1_000 && ms <= 10_000) return ms
  throw new InvalidArgumentError('Expected a time from 1s to 10s: sources are counted over 10 s.')
}

/**
 * For `--timeout`, in ms.
 * @throws InvalidArgumentError
 */
export function parseTimeout(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined || ms < 1_000)
    throw new InvalidArgumentError(`Expected ${DURATION_FORMS}, at least 1s.`)
  return ms
}
