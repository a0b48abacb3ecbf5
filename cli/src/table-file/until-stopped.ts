/** Ends a long run between two pieces of work when the user asks for it, so that nothing half done stays behind. */

import { onEndSignal } from '../end-signals.js'
import { CliError, EXIT } from '../errors.js'

/**
 * @param close ends the wait for the next item
 * @throws CliError instead of the next item after SIGINT, SIGTERM or SIGHUP
 */
export async function* untilStopped<T>(items: AsyncIterable<T>, close: () => void): AsyncGenerator<T> {
  let isStopped = false
  const interrupted = () => new CliError(EXIT.error, 'interrupted: not everything was read')
  const offSignals = onEndSignal(() => {
    isStopped = true
    close()
  })
  try {
    for await (const item of items) {
      if (isStopped) throw interrupted()
      yield item
    }
    if (isStopped) throw interrupted()
  } catch (error) {
    throw isStopped ? interrupted() : error
  } finally {
    offSignals()
  }
}
