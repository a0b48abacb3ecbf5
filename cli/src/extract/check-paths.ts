/** Refuses files that would hurt each other, and an output that has no place. */

import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { isatty } from 'node:tty'
import { usageError } from '../errors.js'
import { unfinished } from '../export/flow-file.js'
import { writeFault } from '../export/write-fault.js'

/**
 * Before anything is read, so that nobody waits for a file that cannot be written.
 * @param captures files that are read; `-` is standard input
 * @param path file that is written; undefined for standard output
 * @throws CliError when one is named twice, or the output is one of the captures, a folder, or in none that can be
 *   written
 */
export function checkPaths(captures: readonly string[], path: string | undefined): void {
  if (captures.filter((file) => file === '-').length > 1)
    throw usageError('- is standard input, and there is one: it is named twice')
  if (captures.includes('-') && isatty(0))
    throw usageError('standard input is a terminal', 'for example tcpdump -w - | idsctl extract -')
  const inputs = captures.filter((file) => file !== '-').map((file) => ({ file, stats: statsOf(file) }))
  for (const [i, { file, stats }] of inputs.entries()) {
    if (inputs.slice(0, i).some((before) => isSame(before.stats, stats)))
      throw usageError(`${file} is named twice: its packets would count twice`)
  }
  if (path === undefined) return
  const output = statsOf(path)
  if (output?.isDirectory() === true)
    throw usageError(`-o ${path}: that is a folder`, `for example -o ${path}/flows.csv`)
  try {
    accessSync(dirname(path), constants.W_OK | constants.X_OK)
  } catch (error) {
    throw writeFault(error) ?? error
  }
  for (const each of [output, statsOf(unfinished(path))]) {
    const input = inputs.find(({ stats }) => isSame(stats, each))
    if (input !== undefined)
      throw usageError(
        `-o ${path} would overwrite the capture ${input.file}`,
        'give another name to the output',
      )
  }
}

/** @returns undefined for what is not there or cannot be reached: whoever opens it says why */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

function isSame(a: Stats | undefined, b: Stats | undefined): boolean {
  return a !== undefined && b !== undefined && a.isFile() && a.dev === b.dev && a.ino === b.ino
}
