/** Options that every command takes. */

import { type Command, Option } from 'commander'
import { parseTimeout } from './arguments/duration.js'
import { usageError } from './errors.js'

export const OUTPUTS = ['table', 'json', 'jsonl'] as const
export type Output = (typeof OUTPUTS)[number]

export interface Globals {
  /** Path of the daemon's unix socket; with `address`, that. */
  readonly socket: string
  /** `HOST:PORT` of a daemon over mutual TLS; undefined is the socket. Then the three PEM files are there. */
  readonly address?: string
  readonly tlsCa?: string
  readonly tlsCert?: string
  readonly tlsKey?: string
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
    .addOption(
      new Option('--address <host:port>', 'a daemon over mutual TLS, instead of the socket').env(
        'IDSD_ADDRESS',
      ),
    )
    .addOption(new Option('--tls-ca <file>', 'authority of its certificate, PEM').env('IDSD_TLS_CA'))
    .addOption(
      new Option('--tls-cert <file>', 'your certificate (idsctl pki issue), PEM').env('IDSD_TLS_CERT'),
    )
    .addOption(new Option('--tls-key <file>', 'its key, PEM').env('IDSD_TLS_KEY'))
    .addOption(
      // One command writes a file and takes its name here, so the word is judged when it is used.
      new Option('-o, --output <format>', 'how to print')
        .choices(OUTPUTS)
        .argParser((text: string) => text)
        .default('table'),
    )
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
  const globals = fileGlobalsOf(command)
  const output = OUTPUTS.find((each) => each === globals.output)
  if (output !== undefined) return { ...globals, output }
  throw usageError(
    `option '-o, --output <format>' argument '${globals.output}' is invalid`,
    `Allowed choices are ${OUTPUTS.join(', ')}.`,
  )
}

/** For a command that writes a file: `output` is its name, or the default format. @throws CliError */
export function fileGlobalsOf(command: Command): Omit<Globals, 'output'> & { readonly output: string } {
  const globals = command.optsWithGlobals<Globals>()
  if (globals.socket === '')
    throw usageError('--socket (or IDSD_SOCKET) is empty', 'give the path of the socket')
  const { address, tlsCa, tlsCert, tlsKey } = globals
  if (address === undefined || address === '') {
    const { address: _none, ...local } = globals
    return local
  }
  if (!/^([^:[\]\s]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/.test(address))
    throw usageError(`--address: expected HOST:PORT, IPv6 in brackets, got ${address}`)
  if (!tlsCa || !tlsCert || !tlsKey) {
    throw usageError(
      '--address needs --tls-ca, --tls-cert and --tls-key (IDSD_TLS_CA, IDSD_TLS_CERT, IDSD_TLS_KEY)',
      'sudo idsctl pki issue NAME --role reader|operator, where the daemon runs, makes them',
    )
  }
  return { ...globals, socket: address }
}
