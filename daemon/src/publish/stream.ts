/** One server stream: what is past first, then what a feed delivers, as fast as the reader takes it. */

import type { Feed } from './feed.js'

/** The part of a gRPC server stream that is used here. */
export interface Sink<M> {
  write(message: M): boolean
  readonly writableNeedDrain: boolean
  on(event: 'drain' | 'cancelled' | 'close' | 'error', listener: () => void): unknown
}

export interface StreamOptions<T, M> {
  readonly feed: Feed<T>
  readonly accepts: (event: T) => boolean
  /** Oldest first; asked once, in the same turn as the subscription, so that nothing falls between the two. */
  readonly past: () => Iterable<T>
  /** @param lost events that the reader lost before this one */
  readonly message: (event: T, lost: number) => M
  /** A message could not be made; the stream is over. */
  readonly fail: (error: unknown) => void
}

/**
 * Starts a stream; it lives until its reader goes. Nothing is written while the transport's buffer is full, so what a
 * slow reader costs is the feed's queue and no more.
 * @returns stops it
 * @throws IdsdError `ERR_BUSY` when the feed has too many readers
 */
export function startStream<T, M>(sink: Sink<M>, options: StreamOptions<T, M>): () => void {
  const { feed, accepts, past, message, fail } = options
  let isOver = false
  const subscription = feed.subscribe(accepts, () => pump())
  const stop = (): void => {
    isOver = true
    subscription.close()
  }
  for (const event of ['cancelled', 'close', 'error'] as const) sink.on(event, stop)

  let backlog: Iterator<T> | undefined
  const next = (): M | undefined => {
    const old = backlog?.next()
    if (old !== undefined && old.done !== true) return message(old.value, 0)
    backlog = undefined
    const delivery = subscription.take()
    return delivery === undefined ? undefined : message(delivery.event, delivery.lost)
  }
  const pump = (): void => {
    try {
      while (!isOver && !sink.writableNeedDrain) {
        const made = next()
        if (made === undefined) return
        sink.write(made)
      }
    } catch (error) {
      stop()
      fail(error)
    }
  }

  sink.on('drain', pump)
  try {
    backlog = past()[Symbol.iterator]()
  } catch (error) {
    stop()
    throw error
  }
  pump()
  return stop
}
