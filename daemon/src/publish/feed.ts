/** Hands events to any number of readers without waiting for one: a slow reader loses its oldest events and is told. */

import { IdsdError } from '../errors.js'

export interface Delivery<T> {
  readonly event: T
  /** Events that this reader lost between its last delivery and this one. */
  readonly lost: number
}

export interface Subscription<T> {
  /** The oldest event that waits, or undefined. */
  take(): Delivery<T> | undefined
  close(): void
}

export interface Feed<T> {
  /** Queues the events for every reader that accepts them, and wakes it. Costs nothing without readers. */
  publish(events: readonly T[]): void
  /**
   * @param wake called after events were queued; takes what it can and returns at once
   * @throws IdsdError `ERR_BUSY` when there are already `maxReaders`
   */
  subscribe(accepts: (event: T) => boolean, wake: () => void): Subscription<T>
  /**
   * For readers inside the daemon, which lose nothing: called with every batch, in the turn of who publishes, so it must
   * be quick.
   * @returns ends it
   */
  tap(listen: (events: readonly T[]) => void): () => void
  /** Events lost by all readers together since the start. */
  lost(): number
  /** Subscriptions and taps. */
  readers(): number
}

export interface FeedOptions {
  /** Events that wait for one reader before the oldest goes. Default 8,192. */
  readonly capacity?: number
  /** Default 64. */
  readonly maxReaders?: number
}

interface Reader<T> {
  readonly accepts: (event: T) => boolean
  readonly wake: () => void
  readonly queue: DroppingQueue<T>
}

export function createFeed<T>({ capacity = 8_192, maxReaders = 64 }: FeedOptions = {}): Feed<T> {
  const readers = new Set<Reader<T>>()
  const taps = new Set<(events: readonly T[]) => void>()
  let lostTotal = 0

  return {
    publish: (events) => {
      for (const listen of taps) listen(events)
      for (const reader of readers) {
        let queued = false
        for (const event of events) {
          if (!reader.accepts(event)) continue
          if (reader.queue.push(event)) lostTotal++
          queued = true
        }
        if (queued) reader.wake()
      }
    },
    subscribe: (accepts, wake) => {
      if (readers.size >= maxReaders) {
        throw new IdsdError(
          'ERR_BUSY',
          `${maxReaders} streams are open already, which is the most there may be`,
        )
      }
      const reader = { accepts, wake, queue: createDroppingQueue<T>(capacity) }
      readers.add(reader)
      return { take: () => reader.queue.take(), close: () => void readers.delete(reader) }
    },
    tap: (listen) => {
      taps.add(listen)
      return () => void taps.delete(listen)
    },
    lost: () => lostTotal,
    readers: () => readers.size + taps.size,
  }
}

interface DroppingQueue<T> {
  /** True when the oldest had to go. */
  push(event: T): boolean
  take(): Delivery<T> | undefined
}

/** A ring that overwrites its oldest. Begun anew when empty, so it grows only as far as a reader falls behind. */
function createDroppingQueue<T>(capacity: number): DroppingQueue<T> {
  const slots: (T | undefined)[] = []
  let head = 0
  let count = 0
  let lost = 0
  return {
    push: (event) => {
      slots[(head + count) % capacity] = event
      if (count < capacity) {
        count++
        return false
      }
      head = (head + 1) % capacity
      lost++
      return true
    },
    take: () => {
      if (count === 0) return undefined
      const delivery = { event: slots[head] as T, lost }
      slots[head] = undefined
      count--
      head = count === 0 ? 0 : (head + 1) % capacity
      lost = 0
      return delivery
    },
  }
}
