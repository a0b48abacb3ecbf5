/** Text of a configuration file to the values it gives, by dotted path. */

import { parse, TomlError } from 'smol-toml'
import type { ConfigFault } from '../errors.js'
import { isKey, type KeyTable, keyEntries, keys } from './keys.js'
import { suggest } from './suggest.js'
import { describe } from './validate.js'

export interface FileValues {
  readonly values: ReadonlyMap<string, unknown>
  /** Unknown keys, keys where a table must be, or the one place where the text is not TOML. */
  readonly faults: readonly ConfigFault[]
  /** False when nothing could be read from the text. */
  readonly isToml: boolean
}

export function readFileValues(source: string): FileValues {
  const values = new Map<string, unknown>()
  const faults: ConfigFault[] = []
  const collect = (table: KeyTable, given: Record<string, unknown>, prefix: string) => {
    for (const [name, value] of Object.entries(given)) {
      const path = prefix + name
      const known = Object.hasOwn(table, name) ? table[name] : undefined
      if (known === undefined)
        faults.push({ path, expected: expectedKey(table, name, prefix), got: describe(value) })
      else if (isKey(known)) values.set(path, value)
      else if (isTable(value)) collect(known, value, `${path}.`)
      else faults.push({ path, expected: `a table [${path}]`, got: describe(value) })
    }
  }
  let isToml = true
  try {
    collect(keys, parse(source), '')
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    isToml = false
    const where = `line ${error.line}, column ${error.column}`
    const written = source.split(/\r?\n/)[error.line - 1] ?? ''
    // A word of a command may be a key.
    const line = /\bcommand\b/.test(source) ? written.replace(/["'].*$/, '"...') : written
    faults.push({ path: where, expected: `TOML (${firstLine(error.message)})`, got: describe(line.trim()) })
  }
  return { values, faults, isToml }
}

/** A wrong name is most often misspelt, or right but in the wrong table. */
function expectedKey(table: KeyTable, name: string, prefix: string): string {
  const near = suggest(name, Object.keys(table))
  if (near !== undefined) return `a known key (did you mean ${prefix}${near}?)`
  const elsewhere = keyEntries.find(({ path }) => path.endsWith(`.${name}`) || path === name)
  if (elsewhere !== undefined) return `a known key (did you mean ${elsewhere.path}?)`
  return `one of the keys ${Object.keys(table).join(', ')}`
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]!.replace(/^Invalid TOML document: /, '')
}
