/** Ends a long run between two pieces of work when the user asks for it, so that nothing half done stays behind. */

import { CliError, EXIT } from '../errors.js'

/**
 * @param close ends the wait for the next item
 * @throws CliError instead of the next item after SIGINT or SIGTERM
 */
export async function* untilStopped<T>(items: AsyncIterable<T>, close: () => void): AsyncGenerator<T> {
  let isStopped = false
  const interrupted = () => new CliError(EXIT.error, 'interrupted: not everything was read')
  const stop = () => {
    isStopped = true
    close()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    for await (const item of items) {
      if (isStopped) throw interrupted()
      yield item
    }
    if (isStopped) throw interrupted()
  } catch (error) {
    throw isStopped ? interrupted() : error
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}
