/** Cleans up when this process ends before it could do so in order. */

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** A clean-up in waiting. */
export interface ExitGuard {
  /** Takes the clean-up back. */
  release(): void
}

/**
 * Runs `cleanUp` once when the process exits (also after an uncaught error) or takes SIGINT, SIGTERM or SIGHUP.
 * @param cleanUp must be synchronous; what it throws is printed, since nobody can catch it any more
 */
export function guardExit(cleanUp: () => void): ExitGuard {
  const onExit = () => {
    release()
    try {
      cleanUp()
    } catch (error) {
      process.stderr.write(`${error}\n`)
    }
  }
  const onSignal = (signal: NodeJS.Signals) => {
    onExit()
    // Whoever else listens to the signal decides how the process ends; if nobody does, it ends as without us.
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  const release = () => {
    process.off('exit', onExit)
    for (const signal of signals) process.off(signal, onSignal)
  }
  process.on('exit', onExit)
  for (const signal of signals) process.on(signal, onSignal)
  return { release }
}
