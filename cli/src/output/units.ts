/** Numbers as people read them. */

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `1234567` as `1,234,567`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** `1 packet`, `2,000 packets`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${value === 1 ? noun : noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`
}

/** Decimal units, three digits: `999 B`, `1.23 kB`, `45.6 MB`. */
export function byteSize(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  let value = bytes
  for (const unit of ['kB', 'MB', 'GB', 'TB', 'PB']) {
    value /= 1_000
    if (value < 999.5 || unit === 'PB')
      return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${unit}`
  }
  return `${bytes} B`
}

/** A length of time in at most two units: `45 s`, `59 min`, `3 h 12 min`, `2 d`. Under a second: `120 ms`. */
export function span(lengthMs: number): string {
  if (lengthMs < SECOND) return `${Math.round(lengthMs)} ms`
  const ms = Math.round(lengthMs / SECOND) * SECOND
  if (ms < MINUTE) return `${ms / SECOND} s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min')
  return two(ms, DAY, 'd', HOUR, 'h')
}

/** `in 59 min`, `3 h ago`, `now`. */
export function relative(atMs: number, nowMs: number): string {
  const distance = atMs - nowMs
  if (Math.abs(distance) < SECOND) return 'now'
  return distance > 0 ? `in ${span(distance)}` : `${span(-distance)} ago`
}

/** A length of time in the grammar of `--ttl`, rounded up to a whole second: `1h30m`. */
export function ttlText(lengthMs: number): string {
  let rest = Math.max(1, Math.ceil(lengthMs / SECOND)) * SECOND
  let text = ''
  for (const [unit, ms] of [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
  ] as const) {
    const times = Math.floor(rest / ms)
    if (times > 0) text += `${times}${unit}`
    rest -= times * ms
  }
  return text
}

/** A share of a whole: `0 %`, `< 1 %`, `57 %`. */
export function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %'
  const share = (part / whole) * 100
  return share < 1 ? '< 1 %' : `${Math.floor(share)} %`
}

function two(ms: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % big) / small)
  return `${Math.floor(ms / big)} ${bigName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}
