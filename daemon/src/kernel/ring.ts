/**
 * The two rings as one stream of batches. Urgent records wake the reader; bulk records wait for the timer or the next
 * urgent wake. One batch is in flight, in one long-lived buffer; the rest waits in the kernel.
 */

import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'

export interface RecordBatch {
  /** Whole records, one after the other, urgent ones first; valid until the next batch is taken. */
  readonly bytes: Uint8Array
  readonly view: DataView
  /** More was waiting when this was read: what an answer would show may still be there. */
  readonly isMoreWaiting: boolean
}

export interface RecordRing {
  /**
   * Batches until the signal aborts. A batch may be empty: the timer ticks so that windows can close without traffic.
   */
  batches(signal: AbortSignal): AsyncGenerator<RecordBatch>
  /** Takes what is there now. */
  drain(): RecordBatch
  close(): void
}

export interface RingOptions {
  readonly binding: Binding
  readonly path: DataPath
  /** Longest wait between two batches, ms. Default 50. */
  readonly intervalMs?: number
  /** The same when nothing has come for ten such waits, ms: a quiet network costs nothing. Default 200. */
  readonly quietIntervalMs?: number
  /** Size of the buffer, bytes. Default 4 MiB. */
  readonly bufferBytes?: number
  /** Most bytes of bulk records in one batch, so that urgent ones wait for few of them. Default 64 KiB. */
  readonly bulkBytes?: number
}

/** Batches in a row without a record after which the network is quiet. */
const quietTurns = 10

/** Largest record that a ring may hold, with room for a later version's growth, bytes. */
const largestRecord = 1024

export function openRing(options: RingOptions): RecordRing {
  const { binding, path, intervalMs = 50, quietIntervalMs = 200 } = options
  const { bufferBytes = 4 << 20, bulkBytes = 64 << 10 } = options
  const buffer = new Uint8Array(bufferBytes)
  let wake: (() => void) | undefined
  let isReadable = false
  /** A batch was as long as one may be. */
  let isMoreWaiting = false
  const urgent = kernelCall(
    () =>
      new binding.Ring(path.fd('urgent_ring'), largestRecord, () => {
        isReadable = true
        wake?.()
      }),
  )
  const bulk = kernelCall(() => new binding.Ring(path.fd('bulk_ring'), largestRecord))
  let isClosed = false
  let emptyTurns = 0

  const drain = (): RecordBatch => {
    const used = kernelCall(() => {
      const first = urgent.drain(buffer, 0)
      const end = Math.min(bufferBytes, first + bulkBytes)
      const all = first + bulk.drain(buffer.subarray(0, end), first)
      isMoreWaiting = all > end - 2 * largestRecord
      return all
    })
    return { bytes: buffer.subarray(0, used), view: new DataView(buffer.buffer, 0, used), isMoreWaiting }
  }

  const untilWoken = (): Promise<void> =>
    new Promise((resolve) => {
      const isQuiet = emptyTurns > quietTurns
      const waitMs = isQuiet ? Math.max(intervalMs, quietIntervalMs) : intervalMs
      const timer = setTimeout(() => wake?.(), waitMs)
      wake = () => {
        clearTimeout(timer)
        wake = undefined
        resolve()
      }
      urgent.arm()
      if (isReadable) wake()
    })

  return {
    drain,
    async *batches(signal) {
      const onAbort = () => {
        isReadable = true
        wake?.()
      }
      signal.addEventListener('abort', onAbort)
      try {
        while (!signal.aborted) {
          isReadable = false
          const batch = drain()
          emptyTurns = batch.bytes.length === 0 ? emptyTurns + 1 : 0
          yield batch
          // No pause while more is waiting, but let timers and sockets have their turn.
          if (isMoreWaiting) await new Promise(setImmediate)
          else if (!signal.aborted) await untilWoken()
        }
      } finally {
        signal.removeEventListener('abort', onAbort)
      }
    },
    close() {
      if (isClosed) return
      isClosed = true
      urgent.close()
      bulk.close()
    },
  }
}
