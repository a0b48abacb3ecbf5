/** What was in the captures, from the lines that `build/host/extract` writes to its standard error. Pure. */

import { type CaptureFacts, type CaptureFault, readFacts } from '../read/capture-facts.js'

export interface ExtractFacts extends Omit<CaptureFacts, 'fault'> {
  /** Flows that are not there because the table was full: at least so many. */
  readonly flowsDropped: number
  /** Packets that were not remembered, so that a repetition of one of them is not counted. */
  readonly retransmissionsUnsure: number
  /** Packets that were captured shorter than they were. */
  readonly cut: number
  /** The largest that a capture declares, bytes; 0 where none does. */
  readonly snapLength: number
  /** Packets whose time lies before that of the packet before them. */
  readonly backward: number
  /** Files that were not read to their end. */
  readonly faults: readonly FileFault[]
}

export interface FileFault extends CaptureFault {
  /** As it was given; `-` is standard input. */
  readonly file: string
}

/**
 * @param text lines `NAME NUMBER`, and `fault FILE_NUMBER OFFSET WHY` for each damaged file
 * @param files as they were given, in that order
 */
export function readExtractFacts(text: string, files: readonly string[]): ExtractFacts {
  const lines = text.split('\n').map((line) => line.split(' '))
  const told = new Map(lines.map(([name = '', number]) => [name, Number(number)]))
  const faults = lines
    .filter(([name]) => name === 'fault')
    .map(([, file, offset, ...words]) => ({
      file: files[Number(file)] ?? `file ${file}`,
      atByte: Number(offset),
      why: words.join(' '),
    }))
  const { fault: _, ...common } = readFacts(text)
  return {
    ...common,
    flowsDropped: told.get('flows_dropped') ?? 0,
    retransmissionsUnsure: told.get('retransmissions_unsure') ?? 0,
    cut: told.get('cut') ?? 0,
    snapLength: told.get('snap_length') ?? 0,
    backward: told.get('backward') ?? 0,
    faults,
  }
}
