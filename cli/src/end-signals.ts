/** The signals that ask a command to end: Ctrl-C, kill, and a terminal that is gone. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls `stop` at the first of each. @returns takes the listeners away */
export function onEndSignal(stop: () => void): () => void {
  for (const signal of signals) process.once(signal, stop)
  return () => {
    for (const signal of signals) process.off(signal, stop)
  }
}
