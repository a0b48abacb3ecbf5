/** An error of the system about a file that is written, in words. */

import { CliError, EXIT } from '../errors.js'

/** @returns undefined for any other error */
export function writeFault(error: unknown): CliError | undefined {
  const { syscall, path, message } = error as NodeJS.ErrnoException
  if (syscall === undefined) return undefined
  return new CliError(EXIT.error, `cannot write ${path ?? 'the file'}: ${message}`, [], { cause: error })
}
