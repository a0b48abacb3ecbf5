/** Files of keys and certificates: none is ever overwritten. */

import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { CliError, EXIT } from '../errors.js'

export interface NewFile {
  readonly path: string
  readonly text: string
  /** A key: only its owner reads it. */
  readonly isSecret: boolean
}

/** @throws CliError when one of them is there, before anything is written */
export function refuseExisting(paths: readonly string[]): void {
  const there = paths.filter((path) => existsSync(path))
  if (there.length === 0) return
  throw new CliError(EXIT.refused, `${there.join(', ')} is there already, and is never overwritten`, [
    'take another folder or name, or move it away first',
  ])
}

/**
 * Writes all of them, or none.
 * @throws CliError
 */
export function writeFiles(files: readonly NewFile[]): void {
  const made: string[] = []
  try {
    for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
      mkdirSync(folder, { recursive: true, mode: 0o755 })
    }
    for (const { path, text, isSecret } of files) {
      // `wx`: made here, or an error; a link is not followed either.
      const fd = openSync(path, 'wx', isSecret ? 0o600 : 0o644)
      made.push(path)
      try {
        writeSync(fd, text)
      } finally {
        closeSync(fd)
      }
    }
  } catch (error) {
    for (const path of made) rmSync(path, { force: true })
    throw new CliError(EXIT.error, `the files cannot be written: ${(error as Error).message}`, [
      'run the command through sudo, or take another folder',
    ])
  }
}

/**
 * Puts a file in the place of another one, in one step: who reads has all of the one or of the other.
 * @throws CliError
 */
export function replaceFile(path: string, text: string): void {
  const beside = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(beside, text, { flag: 'wx', flush: true })
    // Whatever the umask: the daemon reads it as another user.
    chmodSync(beside, 0o644)
    renameSync(beside, path)
  } catch (error) {
    rmSync(beside, { force: true })
    throw new CliError(EXIT.error, `${path} cannot be written: ${(error as Error).message}`, [
      'run the command through sudo',
    ])
  }
}

/** Paths of a key and its certificate. */
export function pairPaths(
  folder: string,
  name: string,
): { readonly key: string; readonly certificate: string } {
  return { key: join(folder, `${name}.key`), certificate: join(folder, `${name}.crt`) }
}
