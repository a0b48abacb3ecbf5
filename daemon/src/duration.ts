/** Lengths of time in words, alike on the command line, in the configuration and in lists: `1h30m`, `1 day`, `3h59m12.5s`. */

/** Big to small; words beside the letters. Source of the small ones: Go's time.Duration, as CrowdSec writes it. */
const units: readonly (readonly [words: string, ms: number])[] = [
  ['d|day|days', 86_400_000],
  ['h|hour|hours', 3_600_000],
  ['m|min|minute|minutes', 60_000],
  ['s|sec|second|seconds', 1_000],
  ['ms', 1],
  ['us|\u00b5s|\u03bcs', 1e-3],
  ['ns', 1e-6],
]

const pattern = new RegExp(
  `^${units.map(([words]) => `(?:(\\d{1,9}(?:\\.\\d{1,9})?) ?(?:${words})(?![a-z\u00b5\u03bc]) ?)?`).join('')}$`,
)

/** What a length of time may look like, for messages. */
export const DURATION_FORMS = '30s, 10m, 1h, 2d, "1 day" or a sum such as 1h30m'

/**
 * Milliseconds, maybe a fraction; undefined when `text` is no length of time: a number without a unit is none. Units from
 * big to small, each at most once.
 */
export function durationMs(text: string): number | undefined {
  const trimmed = text.trim()
  const match = trimmed === '' ? null : pattern.exec(trimmed)
  if (match === null) return undefined
  const ms = units.reduce((sum, [, unitMs], i) => sum + Number(match[i + 1] ?? 0) * unitMs, 0)
  const wholeMs = Math.round(ms)
  // 1.1 h are 3,960,000 ms, not a hair more; a nanosecond is the least that anybody writes.
  return Math.abs(ms - wholeMs) < 1e-6 ? wholeMs : ms
}
