/**
 * Pins of the tables of imported lists. Without a pin only CAP_SYS_ADMIN opens a table again, and one that was swapped
 * out is gone: what it counted could not be read by a daemon that starts after a kill.
 */

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { IdsdError } from '../errors.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { ListHits } from './list-maps.js'
import { openTable } from './list-slots.js'

/** Where the tables that are loaded get their pins. */
export interface TablePins {
  /** Pins a table that is about to be loaded; it stays so until `remove`, also on interfaces that come later. */
  add(table: number, fd: number): void
  /** Its descriptor is about to be closed. */
  release(table: number): void
  /** What it counted is stored. */
  remove(table: number): void
}

/** What a table counted whose lists are in force no longer. */
export interface EarlierTable {
  /** Number of the table: above 0, below 2^48, another one for each. */
  readonly table: number
  /** By number of the list. */
  readonly hits: ReadonlyMap<number, ListHits>
}

const namePattern = /^lists_([0-9a-f]+)$/

/** Name of a pin. */
function pinNameOf(table: number): string {
  return `lists_${table.toString(16)}`
}

export interface TablePinsOptions {
  readonly binding: Binding
  /** Folders of pins that are in force. */
  readonly folders: () => readonly string[]
  /** Told of a pin that could not be made or removed. */
  readonly onFault: (detail: string) => void
}

export interface OpenTablePins extends TablePins {
  /** Descriptors by name of the pin. */
  readonly tables: ReadonlyMap<string, number>
}

export function createTablePins({ binding, folders, onFault }: TablePinsOptions): OpenTablePins {
  const tables = new Map<string, number>()
  return {
    tables,
    add(table, fd) {
      const name = pinNameOf(table)
      tables.set(name, fd)
      for (const folder of folders()) {
        try {
          kernelCall(() => binding.pin(fd, join(folder, name)))
        } catch (error) {
          // The lists are in force without it.
          onFault(`hits of imported lists are not safe from a kill: ${(error as Error).message}`)
        }
      }
    },
    release: (table) => void tables.delete(pinNameOf(table)),
    remove(table) {
      const name = pinNameOf(table)
      tables.delete(name)
      for (const folder of folders()) {
        try {
          rmSync(join(folder, name), { force: true })
        } catch (error) {
          onFault(`the pin ${name} was not removed: ${(error as Error).message}`)
        }
      }
    },
  }
}

/** What the tables counted whose pins lie in these folders. One that cannot be read is left out. */
export function readEarlierTables(binding: Binding, folders: readonly string[]): EarlierTable[] {
  const found = new Map<number, EarlierTable>()
  for (const folder of folders.filter((one) => existsSync(one))) {
    for (const name of readdirSync(folder)) {
      const hex = namePattern.exec(name)?.[1]
      const table = hex === undefined ? 0 : Number.parseInt(hex, 16)
      // Interfaces share them.
      if (table === 0 || table >= 2 ** 48 || found.has(table)) continue
      const hits = readHits(binding, join(folder, name))
      if (hits !== undefined) found.set(table, { table, hits })
    }
  }
  return [...found.values()]
}

function readHits(binding: Binding, pin: string): ReadonlyMap<number, ListHits> | undefined {
  let fd: number | undefined
  try {
    fd = kernelCall(() => binding.openPinned(pin))
    return fd === undefined ? undefined : openTable(binding, fd).hits()
  } catch (error) {
    // Another hand's, or another version's.
    if (error instanceof IdsdError || error instanceof RangeError) return undefined
    throw error
  } finally {
    if (fd !== undefined) binding.closeFd(fd)
  }
}
