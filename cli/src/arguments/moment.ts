/** Points in time on the command line: a duration ago, or RFC 3339. */

import { InvalidArgumentError } from 'commander'
import { DURATION_FORMS, durationMs } from './duration.js'

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)$/

/**
 * For `--since` and `--until`: ms since 1970.
 * Source: RFC 3339, section 5.6; the seconds may be left out, the offset may not.
 * @throws InvalidArgumentError
 */
export function parseMoment(text: string, nowMs: number): number {
  const agoMs = durationMs(text)
  if (agoMs !== undefined) return Math.max(1, nowMs - agoMs)
  const match = RFC3339.exec(text)
  const atMs = match === null ? Number.NaN : Date.parse(text.toUpperCase().replace(' ', 'T'))
  if (match !== null && isDay(match) && atMs > 0) return atMs
  const today = new Date(nowMs).toISOString().slice(0, 19)
  throw new InvalidArgumentError(
    `Expected a time ago (${DURATION_FORMS}) or RFC 3339 with offset (${today}Z).`,
  )
}

/** Date.parse takes the 31st of February for the 3rd of March. */
function isDay([, year, month, day]: RegExpExecArray): boolean {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}
