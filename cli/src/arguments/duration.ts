/** Lengths of time on the command line: `30s`, `10m`, `1h`, `2d`, `1h30m`. */

import { InvalidArgumentError } from 'commander'

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const

/** What a duration may look like, for messages. */
export const DURATION_FORMS = '30s, 10m, 1h, 2d or a sum such as 1h30m'

/** Milliseconds; undefined when `text` is no duration. Units from big to small, each at most once. */
export function durationMs(text: string): number | undefined {
  const match = /^(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?$/.exec(text)
  if (match === null || text === '') return undefined
  const [, d = '0', h = '0', m = '0', s = '0'] = match
  return Number(d) * UNIT_MS.d + Number(h) * UNIT_MS.h + Number(m) * UNIT_MS.m + Number(s) * UNIT_MS.s
}

/**
 * For `--ttl`, in ms.
 * @throws InvalidArgumentError
 */
export function parseTtl(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined) throw new InvalidArgumentError(`Expected ${DURATION_FORMS}.`)
  if (ms === 0)
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
  if (ms === 0) throw new InvalidArgumentError('Expected at least 1s; without --for it has no end.')
  return ms
}

/**
 * For `--every`, in ms. The daemon counts sources over 10 s: what lies between two looks must not be longer.
 * @throws InvalidArgumentError
 */
export function parseEvery(text: string): number {
  const ms = durationMs(text)
  if (ms !== undefined && ms > 0 && ms <= 10_000) return ms
  throw new InvalidArgumentError('Expected a time from 1s to 10s: sources are counted over 10 s.')
}

/**
 * For `--timeout`, in ms.
 * @throws InvalidArgumentError
 */
export function parseTimeout(text: string): number {
  const ms = durationMs(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError(`Expected ${DURATION_FORMS}, at least 1s.`)
  return ms
}
