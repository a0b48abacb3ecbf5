/** Points in time as RFC 3339: UTC for programs, local with offset for people. */

/** UTC with milliseconds; null when `atMs` is 0, which the contract uses for "none". */
export function utcMs(atMs: number): string | null {
  return atMs === 0 ? null : new Date(atMs).toISOString()
}

/** UTC with microseconds; null when `atUs` is 0. */
export function utcUs(atUs: number): string | null {
  if (atUs === 0) return null
  const us = String(atUs % 1_000_000).padStart(6, '0')
  return `${new Date(Math.floor(atUs / 1_000)).toISOString().slice(0, 19)}.${us}Z`
}

/** Local time with offset, whole seconds: `2031-05-04T12:30:00+02:00`; `-` when `atMs` is 0. */
export function localTime(atMs: number): string {
  if (atMs === 0) return '-'
  const date = new Date(atMs)
  const offset = -date.getTimezoneOffset()
  const shifted = new Date(Math.floor(atMs) + offset * 60_000).toISOString().slice(0, 19)
  const size = Math.abs(offset)
  return `${shifted}${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
