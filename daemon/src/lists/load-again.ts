/** Lists that the kernel did not take are tried again, later each time. */

import type { Logger } from '../log.js'
import { retryAfterS } from './schedule.js'

export interface LoadAgainOptions {
  /** Lists that the kernel did not take, by name. */
  readonly unloaded: ReadonlySet<string>
  /** First wait, s. */
  readonly retryS: () => number
  /** Time that does not go back, ms. */
  readonly uptimeMs: () => number
  /** Loads all that is held, in its turn. @throws as `ListMaps.load` */
  readonly load: () => Promise<void>
  readonly log: Logger
}

/** @returns looks whether another try is due, and begins it */
export function createLoadAgain({ unloaded, retryS, uptimeMs, load, log }: LoadAgainOptions): () => void {
  let times = 0
  let dueMs: number | undefined
  let isRunning = false
  return () => {
    if (unloaded.size === 0) {
      times = 0
      dueMs = undefined
      return
    }
    if (isRunning) return
    dueMs ??= uptimeMs() + retryAfterS(0, retryS()) * 1_000
    if (uptimeMs() < dueMs) return
    isRunning = true
    const names = [...unloaded]
    load()
      .then(() => log.info({ lists: names }, 'the imported lists are in force again'))
      .catch((error: unknown) => {
        const waitS = retryAfterS(++times, retryS())
        dueMs = uptimeMs() + waitS * 1_000
        const problem = (error as Error).message
        log.error(
          { lists: names, problem, waitS },
          'imported lists are still not in force; it is tried again',
        )
      })
      .finally(() => {
        isRunning = false
      })
  }
}
