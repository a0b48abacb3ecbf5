/** Waits between looks, and ends the waiting on SIGINT or SIGTERM. */

export interface Ticker {
  /** Resolves after the time, or at once with false when it was stopped. */
  next(): Promise<boolean>
  stop(): void
}

/** @param everyMs between two ticks, ms */
export function createTicker(everyMs: number): Ticker {
  let isStopped = false
  let wake: (() => void) | undefined
  const stop = () => {
    isStopped = true
    process.off('SIGINT', stop).off('SIGTERM', stop)
    wake?.()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  return {
    next: async () => {
      if (isStopped) return false
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      wake = undefined
      return !isStopped
    },
    stop,
  }
}
