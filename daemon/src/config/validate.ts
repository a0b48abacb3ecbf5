/** Written values to typed values. Faults are collected, never thrown one by one. */

import type { z } from 'zod'
import type { ConfigFault } from '../errors.js'
import { withoutCommands } from '../lists/source-words.js'
import type { Key } from './keys.js'

export interface Checked {
  /** Undefined when there are faults. */
  readonly value: unknown
  readonly faults: readonly ConfigFault[]
}

/** Checks one written value. `where` is what a fault names: the dotted path in the file, or the flag. */
export function checkValue(key: Key<unknown>, written: unknown, where: string): Checked {
  const result = key.schema.safeParse(written)
  if (result.success) return { value: result.data, faults: [] }
  return {
    value: undefined,
    faults: result.error.issues.flatMap((issue) => faultsOf(issue, key, written, where)),
  }
}

/** A value in a few words, for a person who wrote it; the words of a command are left out, they may hold a key. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value instanceof Date) return `the date ${value.toISOString()}`
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  const text = JSON.stringify(withoutCommands(value))
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`
}

function faultsOf(
  issue: z.core.$ZodIssue,
  key: Key<unknown>,
  written: unknown,
  where: string,
): ConfigFault[] {
  const gotAt = (path: readonly PropertyKey[], value: unknown) =>
    where === 'lists.scheduled' && mayHoldSecret(path, value) ? 'something else' : describe(value)
  const at = (path: readonly PropertyKey[]) => ({
    path: path.reduce<string>(
      (text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${String(step)}`),
      where,
    ),
    expected: own(issue)?.expected ?? key.expected,
    got: own(issue)?.got ?? gotAt(path, path.reduce<unknown>(inside, written)),
  })
  if (issue.code === 'unrecognized_keys') return issue.keys.map((name) => at([...issue.path, name]))
  return [at(issue.path)]
}

/** Words that a part of the value has by itself. */
function own(issue: z.core.$ZodIssue): { readonly expected?: string; readonly got?: string } | undefined {
  return issue.code === 'custom' ? issue.params : undefined
}

/** Of `lists.scheduled`: what is, or may have been meant as, a word of a command or the address of a feed. */
function mayHoldSecret([, key]: readonly PropertyKey[], value: unknown): boolean {
  if (value === undefined || typeof value === 'number') return false
  if (typeof value !== 'string') return true
  return !harmless.has(key) && !(key === 'file' && /^[^\s:?@]*$/.test(value))
}

const harmless: ReadonlySet<PropertyKey | undefined> = new Set([
  ...['name', 'format', 'every_s', 'ttl_s', 'action', 'rate'],
])

function inside(value: unknown, step: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<PropertyKey, unknown>)[step]
    : undefined
}
