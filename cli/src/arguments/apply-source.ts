/** What `idsctl apply` and `idsctl plan apply` take: a file, what was applied before, or nothing at all. */

import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CliError, EXIT, usageError } from '../errors.js'

export interface ApplyOptions {
  readonly previous?: true
  readonly clear?: true
}

export interface ApplySource {
  readonly text: string
  readonly name: string
  readonly previous: boolean
  readonly clear: boolean
}

/** A request is 64 KiB at most. */
const MAX_BYTES = 60_000

export function addApplySource(command: Command): Command {
  return command
    .argument(
      '[file]',
      'a file with the tables [policy], [allow] and [lists] of idsd.toml; - reads the standard input',
    )
    .option('--previous', 'instead of a file: what was applied before the last apply')
    .option('--clear', 'instead of a file: nothing, so that idsd.toml alone counts')
}

/** @throws CliError */
export function applySource(file: string | undefined, { previous, clear }: ApplyOptions): ApplySource {
  const given = [file, previous, clear].filter((one) => one !== undefined)
  if (given.length !== 1)
    throw usageError('one of FILE, --previous and --clear is needed', 'idsctl apply FILE --confirm 90s')
  const source = { text: '', name: '', previous: previous === true, clear: clear === true }
  if (file === undefined) return source
  let text: string
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (error) {
    throw new CliError(EXIT.error, `cannot read ${file}: ${(error as Error).message}`)
  }
  if (Buffer.byteLength(text) > MAX_BYTES)
    throw usageError(
      `${file} is longer than ${MAX_BYTES} bytes`,
      'the tables [policy], [allow] and [lists] alone',
    )
  // What is empty would be no file at all to the daemon.
  return { ...source, text: text === '' ? '\n' : text, name: file === '-' ? 'standard input' : file }
}
