/** Options that every command takes. */

import { type Command, Option } from 'commander'
import { parseTimeout } from './arguments/duration.js'
import { usageError } from './errors.js'

export const OUTPUTS = ['table', 'json', 'jsonl'] as const
export type Output = (typeof OUTPUTS)[number]

export interface Globals {
  /** Path of the daemon's unix socket. */
  readonly socket: string
  readonly output: Output
  /** False when `--no-color` was given. */
  readonly color: boolean
  /** Longest wait for an answer, ms. */
  readonly timeout: number
  /** Folder that holds `idsd/v1/idsd.proto`; undefined looks beside the program. */
  readonly protoRoot?: string
}

export function addGlobalOptions(program: Command): void {
  program
    .addOption(
      new Option('--socket <path>', "the daemon's socket").env('IDSD_SOCKET').default('/run/idsd/idsd.sock'),
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(OUTPUTS).default('table'))
    .option('--no-color', 'no colour, on a terminal too (also: NO_COLOR)')
    .addOption(
      new Option('--timeout <time>', 'longest wait for an answer')
        .argParser(parseTimeout)
        .default(5_000, '5s'),
    )
    .addOption(new Option('--proto-root <path>', 'folder of the contract').env('IDSD_PROTO_ROOT').hideHelp())
}

/** @throws CliError */
export function globalsOf(command: Command): Globals {
  const globals = command.optsWithGlobals<Globals>()
  if (globals.socket === '')
    throw usageError('--socket (or IDSD_SOCKET) is empty', 'give the path of the socket')
  return globals
}
