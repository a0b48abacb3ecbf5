/** What the store throws, with a code that says what can be done. */

import { IdsdError } from '../errors.js'

/**
 * `ERR_STORE_FULL`: no room, the batch is lost and the store goes on. `ERR_STORE_IO`: the disk failed.
 * `ERR_STORE_BUSY`: another process holds the database. `ERR_STORE_CORRUPT`, `ERR_STORE_NEWER`, `ERR_STORE_ACCESS`: it
 * cannot be used. `ERR_STORE_CLOSED`: called after close. `ERR_STORE`: anything else.
 */
export type StoreErrorCode =
  | 'ERR_STORE_FULL'
  | 'ERR_STORE_IO'
  | 'ERR_STORE_BUSY'
  | 'ERR_STORE_CORRUPT'
  | 'ERR_STORE_NEWER'
  | 'ERR_STORE_ACCESS'
  | 'ERR_STORE_CLOSED'
  | 'ERR_STORE'

export class StoreError extends IdsdError {
  declare readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/** By the beginning of SQLite's own code. Source: sqlite.org/rescode.html. */
const BY_PREFIX: readonly (readonly [string, StoreErrorCode, string])[] = [
  ['SQLITE_FULL', 'ERR_STORE_FULL', 'there is no room left (a full disk, or the size limit of the store)'],
  ['SQLITE_IOERR', 'ERR_STORE_IO', 'the disk failed'],
  ['SQLITE_BUSY', 'ERR_STORE_BUSY', 'another process holds the database; does a second idsd use it?'],
  ['SQLITE_LOCKED', 'ERR_STORE_BUSY', 'another process holds the database; does a second idsd use it?'],
  [
    'SQLITE_CANTOPEN',
    'ERR_STORE_ACCESS',
    'the file cannot be opened; does its folder exist, may idsd write there?',
  ],
  ['SQLITE_READONLY', 'ERR_STORE_ACCESS', 'the file cannot be written; check owner, mode and mount'],
  ['SQLITE_PERM', 'ERR_STORE_ACCESS', 'the file cannot be written; check owner, mode and mount'],
]

/** Turns what SQLite or the file system threw into a StoreError; a StoreError stays what it is. */
export function asStoreError(error: unknown, path: string, action: string): StoreError {
  if (error instanceof StoreError) return error
  const cause = error instanceof Error ? error : new Error(String(error))
  const own = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  if (own.startsWith('SQLITE_CORRUPT') || own.startsWith('SQLITE_NOTADB')) return corrupt(path, action, cause)
  const known = BY_PREFIX.find(([prefix]) => own.startsWith(prefix))
  if (known !== undefined) {
    return new StoreError(known[1], `${path}: ${action} failed: ${known[2]} (${own})`, { cause })
  }
  const isFileError = /^E[A-Z]+$/.test(own)
  const code = isFileError ? 'ERR_STORE_ACCESS' : 'ERR_STORE'
  return new StoreError(code, `${path}: ${action} failed: ${cause.message}`, { cause })
}

function corrupt(path: string, action: string, cause: Error): StoreError {
  return new StoreError(
    'ERR_STORE_CORRUPT',
    `${path}: ${action} failed: this is no sound database (${cause.message}). Move it away with its -wal and -shm ` +
      `files and start again: idsd then begins with an empty store, without the operator's blocks and allowlist. ` +
      `To rescue them first: sqlite3 ${path} .recover | sqlite3 rescued.db`,
    { cause },
  )
}
