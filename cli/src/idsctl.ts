/** Entry of idsctl: runs one command and sets the exit code of the process. */

import { CommanderError } from 'commander'
import { CliError, EXIT, type ExitCode } from './errors.js'
import { endWithReader, type Io, processIo } from './io.js'
import { printable } from './output/printable.js'
import { createProgram } from './program.js'

/**
 * Runs one command line.
 * @param args without the interpreter and the script
 */
export async function main(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    await createProgram(io).parseAsync(args, { from: 'user' })
    return EXIT.ok
  } catch (error) {
    return report(error, io)
  }
}

/** Commander has told its own errors already. */
function report(error: unknown, io: Io): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  }
  const message = error instanceof Error ? error.message : String(error)
  const hints = error instanceof CliError ? error.hints : []
  const lines = [`idsctl: ${printable(message)}`, ...hints.map((hint) => `  ${printable(hint)}`)]
  io.stderr.write(`${lines.join('\n')}\n`)
  return error instanceof CliError ? error.exitCode : EXIT.error
}

const io = processIo()
endWithReader(io)
process.exitCode = await main(process.argv.slice(2), io)
