/** Captures as records of flows, from `build/host/extract`, the host build of the kernel's headers: no root needed. */

import { IdsdError } from '../errors.js'
import { flowRecord } from '../kernel/wire.js'
import { type ExtractFacts, readExtractFacts } from './extract-facts.js'
import { captureArguments, type OnProgress, openHostProgram, progressLines } from './host-program.js'

/** Full records laid one after the other, each with the length in its header. */
export interface RecordChunk {
  readonly bytes: Uint8Array
  /** Of the same bytes. */
  readonly view: DataView
}

/** Where records of flows come from. */
export interface RecordSource {
  /**
   * In the order in which flows end, then those still open in the order in which they began. A chunk is valid until the
   * next one is asked for. Who stops early ends the source.
   * @throws IdsdError `ERR_CAPTURE` when a file is no capture or cannot be read
   */
  chunks(): AsyncGenerator<RecordChunk>
  /** What was read in all, once the chunks have ended. */
  facts(): ExtractFacts
}

export interface ExtractOptions {
  /** The program `extract`. */
  readonly program: string
  /** Files, merged by time; `-` is standard input. */
  readonly captures: readonly string[]
  /** Most flows that are open at a time. Default: the program's. */
  readonly maxFlows?: number | undefined
  /** Records are 8 bytes longer: retransmissions forward and backward, two u32. */
  readonly retransmissions?: boolean
  /** ICMPv6 and every other IP protocol are flows too. */
  readonly otherProtocols?: boolean
  readonly onProgress?: OnProgress | undefined
  /** Aborted: the reading ends with an error. */
  readonly signal?: AbortSignal
}

/** Bytes of the two counts behind a record. */
export const retransmissionBytes = 8

export function openExtract(options: ExtractOptions): RecordSource {
  const { program, captures, maxFlows, onProgress } = options
  const child = openHostProgram({
    program,
    arguments: [
      ...(maxFlows === undefined ? [] : ['--max-flows', String(maxFlows)]),
      ...(options.retransmissions === true ? ['--retransmissions'] : []),
      ...(options.otherProtocols === true ? ['--other-protocols'] : []),
      ...(onProgress === undefined ? [] : ['--progress']),
      ...captureArguments(captures),
    ],
    readsInput: captures.includes('-'),
    signal: options.signal,
    onLine: progressLines(onProgress),
  })
  return {
    chunks: () => wholeRecords(child.chunks()),
    facts: () => readExtractFacts(child.told(), captures),
  }
}

/**
 * Chunks of any size to chunks of whole records.
 * @throws IdsdError `ERR_CAPTURE` when a record is no flow record, or the last one is not whole
 */
export async function* wholeRecords(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<RecordChunk> {
  // One buffer for all of them: what is not whole yet moves to its front.
  let buffer = new Uint8Array(1 << 18)
  let used = 0
  for await (const chunk of chunks) {
    if (used + chunk.length > buffer.length) {
      const larger = new Uint8Array(2 * (used + chunk.length))
      larger.set(buffer.subarray(0, used))
      buffer = larger
    }
    buffer.set(chunk, used)
    used += chunk.length
    const view = new DataView(buffer.buffer, 0, used)
    let end = 0
    while (end + flowRecord.size <= used) {
      const length = flowRecord.get.headerLength(view, end)
      if (length < flowRecord.size) throw new IdsdError('ERR_CAPTURE', `a record of ${length} bytes`)
      if (end + length > used) break
      end += length
    }
    if (end === 0) continue
    yield { bytes: buffer.subarray(0, end), view: new DataView(buffer.buffer, 0, end) }
    buffer.copyWithin(0, end, used)
    used -= end
  }
  if (used > 0) throw new IdsdError('ERR_CAPTURE', `${used} bytes of a record without its end`)
}
