/** What a command may touch of the process: its streams, its environment, its clock. */

import { printable } from './output/printable.js'

export interface Io {
  /** Results. */
  readonly stdout: NodeJS.WriteStream
  /** Notes and errors. */
  readonly stderr: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  /** Wall time, ms since 1970. */
  readonly nowMs: () => number
}

export function processIo(): Io {
  const { stdout, stderr, env, pid } = process
  return { stdout, stderr, env, pid, nowMs: Date.now }
}

/** One line for a person, apart from the results. */
export function note(io: Io, text: string): void {
  io.stderr.write(`idsctl: ${printable(text)}\n`)
}

/**
 * Ends quietly when the reader of the output goes away (`idsctl flows | head`). Any other fault of the output, such
 * as a full disk, ends with exit code 1.
 */
export function endWithReader(io: Io): void {
  io.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    note(io, `cannot write the output: ${error.message}`)
    process.exit(1)
  })
  io.stderr.on('error', () => process.exit(1))
}
