/** Reads a list in any of its formats, a piece at a time: what is good is taken, what is bad is told by line. Pure. */

import { IdsdError } from '../errors.js'
import { createCsvReader } from './csv-reader.js'
import { createEntryBuilder, type EntryBuilder } from './entry-builder.js'
import { createJsonReader } from './json-reader.js'
import { createPlainReader } from './plain-reader.js'

export const listFormats = ['auto', 'plain', 'netset', 'csv', 'json', 'drop', 'crowdsec'] as const
export type ListFormat = (typeof listFormats)[number]

/** A line that says nothing that can be blocked, and why. */
export interface LineFault {
  /** From 1. */
  readonly line: number
  readonly text: string
}

/** Where readers put what they find. */
export interface Found {
  readonly builder: EntryBuilder
  fault(line: number, text: string): void
  /** How long a decision of CrowdSec still runs, ms. */
  lasts(ms: number): void
}

/** Takes a text in pieces. */
export interface PieceReader {
  push(piece: Uint8Array): void
  /** After the last piece. @throws IdsdError `ERR_LIST` when the text ends in the middle */
  end(): void
}

export interface ListReader extends PieceReader {
  /** What was found so far; all of it after `end`. */
  readonly builder: EntryBuilder
  /** The first of them. */
  readonly faults: readonly LineFault[]
  readonly faultCount: number
  /** The shortest time that a decision of CrowdSec still runs, ms; 0 = none was said. */
  readonly shortestMs: number
  /** What it is read as; `auto` until enough has come to tell. */
  readonly format: ListFormat
}

export interface ListReaderOptions {
  readonly format: ListFormat
  /** Of CSV: name of the column, or its position from 1. Default: by its name, else the first. */
  readonly column?: string | undefined
  /** Faults that are kept. */
  readonly maxFaults?: number
  /** Most entries. Default `MAX_ENTRIES`. */
  readonly maxEntries?: number | undefined
}

/** By so many bytes a format is told. */
const sniffed = 4_096

/** @throws IdsdError `ERR_LIST` from `push` and `end`, with the line, when the text as a whole cannot be read */
export function createListReader({
  format,
  column,
  maxFaults = 10,
  maxEntries,
}: ListReaderOptions): ListReader {
  const builder = createEntryBuilder(maxEntries)
  const faults: LineFault[] = []
  let faultCount = 0
  let shortestMs = 0
  let chosen: ListFormat = format
  const found: Found = {
    builder,
    fault: (line, text) => {
      faultCount++
      if (faults.length < maxFaults) faults.push({ line, text })
    },
    lasts: (ms) => {
      shortestMs = shortestMs === 0 ? ms : Math.min(shortestMs, ms)
    },
  }
  let inner: PieceReader | undefined = format === 'auto' || format === 'drop' ? undefined : readerOf(format)
  let head = Buffer.alloc(0)
  let isFirst = true

  function readerOf(wanted: ListFormat): PieceReader {
    chosen = wanted
    if (wanted === 'csv') return createCsvReader(found, column)
    if (wanted === 'json' || wanted === 'crowdsec') return createJsonReader(found, wanted === 'crowdsec')
    return createPlainReader(found)
  }

  const open = () => {
    if (inner !== undefined) return
    const text = head.toString('latin1')
    inner = readerOf(format === 'drop' ? dropFormat(text) : sniff(text))
    if (format === 'drop') chosen = 'drop'
    inner.push(head)
  }

  return {
    builder,
    faults,
    get faultCount() {
      return faultCount
    },
    get shortestMs() {
      return shortestMs
    },
    get format() {
      return chosen
    },
    push(piece) {
      let bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length)
      if (isFirst) {
        // A byte order mark may come in pieces too.
        head = Buffer.concat([head, bytes])
        if (head.length < 3) return
        bytes = head.readUIntBE(0, 3) === 0xefbbbf ? head.subarray(3) : head
        head = Buffer.alloc(0)
        isFirst = false
      }
      if (inner !== undefined) return inner.push(bytes)
      head = Buffer.concat([head, bytes])
      if (head.length >= sniffed) open()
    },
    end() {
      if (isFirst && inner !== undefined) inner.push(head)
      open()
      inner?.end()
    },
  }
}

function dropFormat(text: string): ListFormat {
  return text.trimStart().startsWith('{') ? 'json' : 'drop'
}

/** What a text is by its beginning. */
function sniff(text: string): ListFormat {
  const start = text.trimStart()
  if (start.startsWith('[') || start.startsWith('{') || start.startsWith('null')) {
    return /"(scenario|decisions|duration|deleted|new)"/.test(start) ? 'crowdsec' : 'json'
  }
  const line = start.split(/\r?\n/).find((each) => each.trim() !== '' && !/^\s*[#;]/.test(each)) ?? ''
  return line.replace(/\s*[;#].*$/, '').includes(',') ? 'csv' : 'plain'
}

/** The whole text is not what it says it is. */
export function unreadableList(text: string): IdsdError {
  return new IdsdError('ERR_LIST', text)
}
