/** Keeps what became of an attacker's attempts, and tells at once when something happens for the first time. */

import { type Program, print, stamps } from './program.js'

/** `answered`: the other side spoke. `refused`: reset or unreachable. `timeout`: silence, as from a drop. */
export type Outcome = 'answered' | 'refused' | 'timeout'

/** A count with memory. */
export interface Outcomes {
  /** Takes one outcome in; the first success and the first failure print a JSON line. */
  take(outcome: Outcome, details?: Readonly<Record<string, unknown>>): void
  /** Prints the summary line: counts, and the times of the last success and the first failure. */
  finish(details?: Readonly<Record<string, unknown>>): void
}

/**
 * Lines: `{"event":"first-success"|"first-failure","outcome",...,"epochMs","monotonicMs"}` and at the end
 * `{"event":"end","answered","refused","timeout","lastSuccess","firstFailure",...}`.
 */
export function createOutcomes(
  program: Program,
  isSuccess: (outcome: Outcome) => boolean = (outcome) => outcome === 'answered',
): Outcomes {
  const counts: Record<Outcome, number> = { answered: 0, refused: 0, timeout: 0 }
  const seen = new Set<string>()
  let lastSuccess: ReturnType<typeof stamps> | null = null
  let firstFailure: ReturnType<typeof stamps> | null = null
  program.tellProgress(() => counts)
  return {
    take(outcome, details = {}) {
      counts[outcome]++
      const event = isSuccess(outcome) ? 'success' : 'failure'
      if (event === 'success') lastSuccess = stamps()
      else firstFailure ??= stamps()
      if (seen.has(event)) return
      seen.add(event)
      print({ event: `first-${event}`, outcome, ...details, ...stamps() })
    },
    finish(details = {}) {
      print({ event: 'end', ...counts, lastSuccess, firstFailure, ...details, ...stamps() })
    },
  }
}
