/** Runs attempts at a rate or flat out, never more than a number of them at once. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Program } from './program.js'

/** How fast and how many. */
export interface Pace {
  /** Attempts begun per second; 0 means as fast as attempts finish. */
  readonly perSecond: number
  /** Attempts under way at the same time, at most. */
  readonly concurrency: number
  /** Attempts in all; 0 means until the signal. */
  readonly count: number
  /** Begin no more attempts after it. */
  readonly signal: AbortSignal
}

/** The pace that the options `rate`, `count` and `concurrency` ask for; what a program settles itself goes before them. */
export function paceOf(program: Program, settled: Partial<Pick<Pace, 'count' | 'concurrency'>> = {}): Pace {
  return {
    perSecond: program.number('rate'),
    count: settled.count ?? program.number('count'),
    concurrency: settled.concurrency ?? program.number('concurrency', 1),
    signal: program.signal,
  }
}

/**
 * Runs `attempt` with the numbers 0, 1, 2, ... and waits for those under way at the end. A slow attempt delays later
 * ones only when all places are taken; missed places are made up for.
 */
export async function runPaced(pace: Pace, attempt: (n: number) => Promise<void>): Promise<void> {
  const begin = performance.now()
  let next = 0
  const worker = async () => {
    while (!pace.signal.aborted && (pace.count === 0 || next < pace.count)) {
      const n = next++
      const waitMs = pace.perSecond === 0 ? 0 : begin + (n / pace.perSecond) * 1000 - performance.now()
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: pace.signal }).catch(() => {})
      if (pace.signal.aborted) return
      await attempt(n)
    }
  }
  await Promise.all(Array.from({ length: pace.concurrency }, worker))
}
