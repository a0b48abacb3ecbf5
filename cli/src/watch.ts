/** A stream shown as it comes, until Ctrl-C or until the daemon goes away. */

import type { ServiceError } from '@grpc/grpc-js'
import type { FilterOptions } from './arguments/filter.js'
import { callError, isGone, watchEnded } from './call-error.js'
import { withClient } from './client.js'
import type { WatchCalls } from './contract.js'
import { usageError } from './errors.js'
import type { Globals } from './globals.js'
import { type Io, note } from './io.js'
import { counted } from './output/units.js'

/**
 * A watch has no end: no document can be closed there, and no time lies behind it. `--since` and `--last` show what
 * was first, as far as the daemon holds it.
 * @param how the watch as it was typed, for the message
 * @throws CliError
 */
export function checkWatch(globals: Globals, { until }: FilterOptions, how: string): void {
  if (globals.output === 'json') {
    throw usageError(
      `-o json prints one document, and ${how} has no end`,
      'use -o jsonl: one document a line',
    )
  }
  if (until !== undefined) {
    throw usageError(
      `--until sets an end, and ${how} has none`,
      'leave out --until to watch; to list what was, use idsctl flows or alerts without -f, or idsctl decisions list',
    )
  }
}

/**
 * Resolves on SIGINT or SIGTERM.
 * @param show prints one event; `false` asks to wait until the output has drained
 * @throws CliError with exit code 5 when the daemon goes away
 */
export async function watch<K extends keyof WatchCalls>(
  io: Io,
  globals: Globals,
  name: K,
  request: WatchCalls[K][0],
  show: (event: WatchCalls[K][1]) => boolean,
): Promise<void> {
  await withClient(globals, async (client) => {
    const stream = client.stream(name, request)
    await new Promise<void>((done, failed) => {
      const stop = () => {
        process.off('SIGINT', stop).off('SIGTERM', stop)
        stream.cancel()
        done()
      }
      process.on('SIGINT', stop).on('SIGTERM', stop)
      stream.on('data', (event: WatchCalls[K][1]) => {
        if (event.lost > 0) note(io, `${counted(event.lost, 'event')} lost here: this reader was too slow`)
        if (show(event)) return
        stream.pause()
        io.stdout.once('drain', () => stream.resume())
      })
      stream.on('end', () => failed(watchEnded(globals.socket)))
      stream.on('error', (error: ServiceError) =>
        failed(
          isGone(error) ? watchEnded(globals.socket) : callError(error, globals.socket, globals.timeout),
        ),
      )
    })
  })
}
