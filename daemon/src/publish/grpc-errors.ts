/** Errors to gRPC statuses, in one place. */

import { Metadata, status } from '@grpc/grpc-js'
import { ArgumentError, IdsdError, KernelError, RefusedError } from '../errors.js'
import type { Logger } from './logger.js'

/** What grpc-js sends to the caller. */
export interface CallStatus {
  readonly code: status
  readonly details: string
  readonly metadata: Metadata
}

/** Trailer with the stable code of the error, e.g. `ERR_REFUSED`. */
export const CODE_KEY = 'idsd-code'
/** Trailer with the proto name of the field at fault, e.g. `filter.ip`. */
export const FIELD_KEY = 'idsd-field'
/** Trailer with one guard in words, UTF-8; repeated. */
export const GUARD_KEY = 'idsd-guard-bin'

const FULL_MAP =
  'the map in the kernel is full and nothing was changed: take out what is no longer needed, or raise ' +
  'kernel.blocks, kernel.prefixes or kernel.allow and start idsd again'
const FULL_STORE = 'the database has no room and nothing was changed; the log of idsd says more'

const CODES: Record<string, status> = {
  ERR_ARGUMENT: status.INVALID_ARGUMENT,
  ERR_REFUSED: status.FAILED_PRECONDITION,
  ERR_NOT_FOUND: status.NOT_FOUND,
  ERR_FORBIDDEN: status.PERMISSION_DENIED,
  ERR_BUSY: status.RESOURCE_EXHAUSTED,
  ERR_STOPPING: status.UNAVAILABLE,
  // The list cannot be read; the kernel has no room for it.
  ERR_LIST: status.INVALID_ARGUMENT,
  ERR_LISTS: status.RESOURCE_EXHAUSTED,
}

/**
 * The status of a failed call. What was thrown for the caller keeps its message; anything else becomes INTERNAL
 * without its insides, which go to the log under the name of the method.
 */
export function callStatus(error: unknown, method: string, log: Logger): CallStatus {
  const metadata = new Metadata()
  if (error instanceof IdsdError) {
    metadata.set(CODE_KEY, error.code)
    if (error instanceof ArgumentError) metadata.set(FIELD_KEY, error.field)
    if (error instanceof RefusedError) {
      for (const guard of error.guards) metadata.add(GUARD_KEY, Buffer.from(guard, 'utf8'))
    }
    const code = CODES[error.code]
    if (code !== undefined) return { code, details: error.message, metadata }
  }
  log.error({ err: error, method }, 'a request failed')
  if (error instanceof IdsdError && error.code === 'ERR_STORE_FULL') {
    return { code: status.RESOURCE_EXHAUSTED, details: FULL_STORE, metadata }
  }
  if (error instanceof KernelError) {
    // E2BIG is how a full hash map answers, ENOSPC a full LPM trie.
    const isFull = error.errnoName === 'E2BIG' || error.errnoName === 'ENOSPC'
    return isFull
      ? { code: status.RESOURCE_EXHAUSTED, details: FULL_MAP, metadata }
      : { code: status.INTERNAL, details: `the kernel refused the change (${error.errnoName})`, metadata }
  }
  return { code: status.INTERNAL, details: 'an unexpected error; the log of idsd says more', metadata }
}
