/**
 * A capture as the records that the kernel would have told while it happened, in steps of the capture's own time.
 * They come from `build/host/live`, the host build of the kernel's headers, through a pipe: one step is in memory.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { IdsdError } from '../errors.js'
import type { RecordBatch } from '../kernel/ring.js'
import { flowOpened } from '../kernel/wire.js'
import { type CaptureFacts, readFacts } from './capture-facts.js'

export interface LiveRecordsOptions {
  /** The program `live`. */
  readonly program: string
  /** File of the capture. */
  readonly capture: string
  /** Between two looks at what happened, ms of the capture. */
  readonly stepMs: number
  /** Between two sweeps of the flow table, ms of the capture. */
  readonly sweepMs: number
  /** How long the clock goes on behind the last packet before open flows are flushed, ms. */
  readonly afterMs: number
  /** Room for the records of a step; a fuller step comes in several parts. Default 4 MiB, as the daemon's. */
  readonly bufferBytes?: number
}

/** What happened until a time of the capture. */
export interface Step extends RecordBatch {
  /** us since 1970. */
  readonly nowUs: number
}

export interface LiveRecords {
  /**
   * In the order of time; a step is valid until the next one is asked for. Who stops early ends the program.
   * @throws IdsdError `ERR_CAPTURE` when the file is no capture or cannot be read
   */
  steps(): AsyncGenerator<Step>
  /** What was read in all, once the steps have ended. */
  facts(): CaptureFacts
}

/** The type in the header of a mark: up to its time everything has been told. Not one of the kernel's. */
const markType = 0
/** `struct record_header`. */
const headerBytes = 8
const maxMessageBytes = 65_536

export function openLiveRecords(options: LiveRecordsOptions): LiveRecords {
  const { program, capture, stepMs, sweepMs, afterMs, bufferBytes = 4 << 20 } = options
  let told = ''

  async function* steps(): AsyncGenerator<Step> {
    const child = spawn(program, [capture, String(stepMs), String(sweepMs), String(afterMs)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = once(child, 'close') as Promise<[number | null, string | null]>
    // Nobody waits for it when the steps are left early.
    ended.catch(() => undefined)
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (told.length < maxMessageBytes) told += text
    })
    try {
      yield* stepsOf(child.stdout, bufferBytes)
      const [code, signal] = await ended.catch((cause: Error) => {
        throw new IdsdError('ERR_CAPTURE', `${program} does not start: ${cause.message}`, { cause })
      })
      if (code === null) throw new IdsdError('ERR_CAPTURE', `${program} was ended by ${signal}`)
      if (code !== 0) throw new IdsdError('ERR_CAPTURE', told.trim())
    } finally {
      child.kill()
    }
  }

  return { steps, facts: () => readFacts(told) }
}

/** Records and marks, in chunks of any size, to steps. */
export async function* stepsOf(chunks: AsyncIterable<Uint8Array>, bufferBytes: number): AsyncGenerator<Step> {
  const buffer = new Uint8Array(bufferBytes)
  let used = 0
  let rest = new Uint8Array(0)

  const step = (nowUs: number): Step => {
    const taken = used
    used = 0
    return {
      bytes: buffer.subarray(0, taken),
      view: new DataView(buffer.buffer, 0, taken),
      isMoreWaiting: false,
      nowUs,
    }
  }

  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let at = 0
    while (at + headerBytes <= bytes.length) {
      const length = flowOpened.get.headerLength(view, at)
      if (length <= headerBytes) throw new IdsdError('ERR_CAPTURE', `a record of ${length} bytes`)
      if (at + length > bytes.length) break
      // Every record has its time where the short one has it.
      const timeUs = flowOpened.get.timeUs(view, at)
      if (flowOpened.get.headerType(view, at) === markType) {
        yield step(timeUs)
      } else {
        if (used + length > bufferBytes) yield step(timeUs)
        buffer.set(bytes.subarray(at, at + length), used)
        used += length
      }
      at += length
    }
    rest = Uint8Array.from(bytes.subarray(at))
  }
  if (rest.length > 0) throw new IdsdError('ERR_CAPTURE', `${rest.length} bytes of a record without its end`)
}
