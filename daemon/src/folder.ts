/** Folders that the daemon needs. */

import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { IdsdError } from './errors.js'

/**
 * Makes a folder and those above it, where they are missing. Not `recursive`: Node never returns from that below /proc.
 * @param key configuration key that names it, for the error
 * @throws IdsdError `ERR_FOLDER`
 */
export function makeFolder(path: string, mode: number, key: string): void {
  try {
    make(path, mode)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause)
    throw new IdsdError('ERR_FOLDER', `${key}: the folder ${path} cannot be made (${code})`, { cause })
  }
}

function make(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    make(dirname(path), mode)
    mkdirSync(path, { mode })
  }
}
