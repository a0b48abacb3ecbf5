/** Waits for what must become true, with a deadline, instead of sleeping and hoping. */

import { setTimeout as sleep } from 'node:timers/promises'
import { LabError } from './lab-error.js'

/** How long to wait, and for what. */
export interface UntilOptions {
  /** Deadline, ms from now. Default 5 000. */
  readonly timeoutMs?: number
  /** What is waited for, for the error message. */
  readonly what: string
  /** Pause between two looks, ms. Default 10. It is at least as long as the look before: this machine has other work. */
  readonly intervalMs?: number
}

/**
 * Polls until the condition gives something other than false, undefined, null, 0 or ''.
 * @returns what the condition gave
 * Throws LabError after the deadline; a condition that throws counts as not yet true, and its error is the cause.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, what, intervalMs = 10 }: UntilOptions,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const lookedMs = performance.now()
    let cause: unknown
    try {
      const value = await condition()
      if (value) return value
    } catch (error) {
      cause = error
    }
    const nowMs = performance.now()
    if (nowMs >= deadline) throw new LabError(`not within ${timeoutMs} ms: ${what}`, { cause })
    await sleep(Math.min(Math.max(intervalMs, nowMs - lookedMs), deadline - nowMs))
  }
}
