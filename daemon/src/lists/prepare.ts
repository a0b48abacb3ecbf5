/** One list made ready: read, sorted, each entry once, without what guards object to. Pure; run in a worker. */

import { gunzipSync } from 'node:zlib'
import { IdsdError } from '../errors.js'
import type { Target } from '../policy/address.js'
import type { Coverage } from '../policy/coverage.js'
import type { Protection } from '../policy/guards.js'
import {
  compareBytes,
  countEntries,
  coverageOfEntries,
  entryText,
  type ListEntries,
  packEntries,
} from './entries.js'
import { sortEntries } from './entry-builder.js'
import { createListReader, type LineFault, type ListFormat } from './list-reader.js'
import { countAllowed, objections, withoutEntries } from './spare-entries.js'

/** What a list is made of: entries that somebody has read, or a text. */
export type Source =
  | { readonly packed4: Uint8Array; readonly packed6: Uint8Array }
  | {
      readonly text: Uint8Array
      readonly format: ListFormat
      readonly column: string | undefined
      /** Most bytes of a text that comes packed as gzip. */
      readonly maxBytes: number
    }

export interface PrepareJob {
  readonly source: Source
  readonly protections: readonly Protection[]
  /** Objections are told and overruled. */
  readonly isForced: boolean
  readonly allows: readonly Target[]
  /** The list as it is, to be told apart from; undefined when there is none. */
  readonly before: ListEntries | undefined
}

export interface RefusedEntry {
  readonly target: string
  /** Guard and what it protects; undefined: the prefix is too short. */
  readonly protection: Protection | undefined
}

export interface Prepared {
  readonly entries: ListEntries
  /** Bytes of the store. */
  readonly packed: Uint8Array
  /** The first of them. */
  readonly refused: readonly RefusedEntry[]
  readonly refusedCount: number
  /** Entries that an allow entry overlaps. */
  readonly allowed: number
  /** How much `entries` cover together. */
  readonly covered: Coverage
  /** Against `before`. */
  readonly added: number
  readonly removed: number
  readonly faults: readonly LineFault[]
  readonly faultCount: number
  /** As in `ListReader`. */
  readonly shortestMs: number
}

/** Refusals that are told one by one. */
const maxTold = 100

/** @throws IdsdError `ERR_LIST` when a text cannot be read, or packed entries are none */
export function prepare(job: PrepareJob): Prepared {
  const { source, protections, isForced, allows, before } = job
  const read = 'text' in source ? readText(source) : { ...source, faults: [], faultCount: 0, shortestMs: 0 }
  const all = sortEntries(read.packed4, read.packed6)
  const refused = objections(all, protections)
  const entries = isForced
    ? all
    : withoutEntries(
        all,
        refused.map(({ index }) => index),
      )
  const common = before === undefined ? 0 : countCommon(before, entries)
  return {
    entries,
    packed: packEntries(entries),
    refused: refused
      .slice(0, maxTold)
      .map(({ index, protection }) => ({ target: entryText(all, index), protection })),
    refusedCount: refused.length,
    allowed: countAllowed(entries, allows),
    covered: coverageOfEntries(entries),
    added: countEntries(entries) - common,
    removed: before === undefined ? 0 : countEntries(before) - common,
    faults: read.faults,
    faultCount: read.faultCount,
    shortestMs: read.shortestMs,
  }
}

function readText({ text, format, column, maxBytes }: Extract<Source, { text: Uint8Array }>) {
  const reader = createListReader({ format, column })
  reader.push(unpacked(text, maxBytes))
  reader.end()
  const { faults, faultCount, shortestMs, builder } = reader
  return { ...builder.packed(), faults, faultCount, shortestMs }
}

function unpacked(bytes: Uint8Array, maxBytes: number): Uint8Array {
  // RFC 1952, 2.3.1: ID1 and ID2.
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes })
  } catch (error) {
    throw new IdsdError('ERR_LIST', `the gzip of a list cannot be unpacked: ${(error as Error).message}`)
  }
}

/** How many entries two sorted lists share. */
export function countCommon(a: ListEntries, b: ListEntries): number {
  let common = 0
  const [n, m] = [a.lengths4.length, b.lengths4.length]
  for (let i = 0, j = 0; i < n && j < m; ) {
    const one = (a.networks4[i] as number) * 64 + (a.lengths4[i] as number)
    const other = (b.networks4[j] as number) * 64 + (b.lengths4[j] as number)
    if (one === other) common++
    if (one <= other) i++
    if (other <= one) j++
  }
  const [n6, m6] = [a.lengths6.length, b.lengths6.length]
  for (let i = 0, j = 0; i < n6 && j < m6; ) {
    const order =
      compareBytes(a.networks6, i * 16, b.networks6, j * 16) ||
      (a.lengths6[i] as number) - (b.lengths6[j] as number)
    if (order === 0) common++
    if (order <= 0) i++
    if (order >= 0) j++
  }
  return common
}
