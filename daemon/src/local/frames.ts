/** Captures as their frames in the order of time, from `build/host/extract --frames`, in batches of whole ones. */

import { IdsdError } from '../errors.js'
import { captureArguments, type OnProgress, openHostProgram, progressLines } from './host-program.js'

export interface FramesOptions {
  /** The program `extract`. */
  readonly program: string
  /** Files, merged by time; `-` is standard input. */
  readonly captures: readonly string[]
  readonly onProgress?: OnProgress | undefined
  /** Aborted: the reading ends with an error. */
  readonly signal?: AbortSignal | undefined
}

export interface Frames {
  /**
   * Frames as `{u64 timeUs; u32 bytes; u32 zero}` and their bytes with zeros up to a multiple of 8. Valid until the next
   * batch is asked for. Who stops early ends the program.
   * @throws IdsdError `ERR_CAPTURE` when a file is no capture or cannot be read
   */
  batches(): AsyncGenerator<Uint8Array>
  /** What the program has told so far. */
  told(): string
}

const headerBytes = 16
const batchBytes = 1 << 20
/** No reader of captures gives a longer frame. */
const largestFrame = 1 << 24

export function openFrames({ program, captures, onProgress, signal }: FramesOptions): Frames {
  const child = openHostProgram({
    program,
    arguments: [
      '--frames',
      ...(onProgress === undefined ? [] : ['--progress']),
      ...captureArguments(captures),
    ],
    readsInput: captures.includes('-'),
    signal,
    onLine: progressLines(onProgress),
  })
  return { batches: () => wholeFrames(child.chunks(), batchBytes), told: child.told }
}

/**
 * Chunks of any size to batches of whole frames.
 * @param enough bytes that make a batch; the last one has what is left
 * @throws IdsdError `ERR_CAPTURE` when the last frame is not whole, or one says that it has more than 16 MiB
 */
export async function* wholeFrames(
  chunks: AsyncIterable<Uint8Array>,
  enough: number,
): AsyncGenerator<Uint8Array> {
  let buffer = new Uint8Array(enough * 2)
  let view = new DataView(buffer.buffer)
  let used = 0
  /** Up to here frames are whole. */
  let whole = 0

  const scan = () => {
    while (whole + headerBytes <= used) {
      const bytes = view.getUint32(whole + 8, true)
      if (bytes > largestFrame) throw new IdsdError('ERR_CAPTURE', `a frame of ${bytes} bytes`)
      const next = whole + headerBytes + ((bytes + 7) & ~7)
      if (next > used) return
      whole = next
    }
  }
  for await (const chunk of chunks) {
    if (used + chunk.length > buffer.length) {
      const larger = new Uint8Array(Math.max(buffer.length * 2, used + chunk.length))
      larger.set(buffer.subarray(0, used))
      buffer = larger
      view = new DataView(buffer.buffer)
    }
    buffer.set(chunk, used)
    used += chunk.length
    if (used < enough) continue
    scan()
    if (whole === 0) continue
    yield buffer.subarray(0, whole)
    buffer.copyWithin(0, whole, used)
    used -= whole
    whole = 0
  }
  scan()
  if (whole > 0) yield buffer.subarray(0, whole)
  if (used > whole) throw new IdsdError('ERR_CAPTURE', `${used - whole} bytes of a frame without its end`)
}
