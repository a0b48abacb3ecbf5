/** The loop that drains the rings: batch by batch to the pipeline, and at a stop what still waits. */

import type { Kernel } from './kernel/kernel.js'
import type { RecordBatch, RecordRing } from './kernel/ring.js'
import type { Logger } from './log.js'
import type { Pipeline } from './pipeline.js'

export interface MainLoop {
  /** Runs until the signal aborts, then reads out what the rings hold. */
  run(signal: AbortSignal): Promise<void>
  readonly isRunning: boolean
}

export interface MainLoopOptions {
  readonly kernel: Pick<Kernel, 'idle' | 'interfaces' | 'notify'>
  readonly ring: RecordRing
  readonly pipeline: Pick<Pipeline, 'take'>
  readonly housekeeping: { start(): void; stop(): void }
  /** After each batch: the lease of automatic entries hangs on it. */
  readonly beat: () => void
  /** The programs go with the daemon: open flows are told at a stop. */
  readonly isDetaching: () => boolean
  readonly log: Logger
}

/** Bytes read at the end: the rings at their default sizes, twice. */
const maxLastBytes = 66 << 20

/** Slices of what earlier programs left between two batches: new records wait for few of them. */
const leftOverSlices = 8

export function createMainLoop(options: MainLoopOptions): MainLoop {
  const { kernel, ring, pipeline, housekeeping, beat, log } = options
  const { interfaces } = kernel
  let isRunning = false

  /** Some of what earlier programs left; what is not told at a stop waits for the next start. @returns whether there was any */
  const takeLeftOver = async () => {
    for (let slice = 0; slice < leftOverSlices; slice++) {
      let records: RecordBatch | undefined
      try {
        records = interfaces.leftOver?.next()
      } catch (error) {
        // It has told all that it can.
        log.error({ problem: (error as Error).message }, 'what an earlier idsd left was not read to its end')
      }
      if (records === undefined) return slice > 0
      await pipeline.take(records)
      beat()
    }
    return true
  }
  /** The maps go with the programs: what they hold is told before. */
  const endFlows = async () => {
    while (await takeLeftOver());
    await kernel.idle()
    for (const isRingFull of interfaces.endFlows()) {
      if (isRingFull) await pipeline.take(ring.drain())
    }
  }

  return {
    async run(signal) {
      isRunning = true
      housekeeping.start()
      try {
        for await (const batch of ring.batches(signal)) {
          await pipeline.take(batch)
          beat()
          await takeLeftOver()
        }
        if (options.isDetaching()) await endFlows()
        // What still waits is read out; packets that go on bring more, so not for ever.
        for (let left = maxLastBytes; left > 0; ) {
          const batch = ring.drain()
          if (batch.bytes.length === 0) break
          left -= batch.bytes.length
          await pipeline.take(batch)
        }
      } finally {
        isRunning = false
        kernel.notify('STOPPING=1')
        housekeeping.stop()
      }
    },
    get isRunning() {
      return isRunning
    },
  }
}
