/** What every traffic program shares: its options, its help, its bounds, and the lines it prints. */

import { setMaxListeners } from 'node:events'
import { parseArgs } from 'node:util'
import { drawn } from './drawn.js'
import { portsOf } from './ports.js'
import { targetRefused, targetsOf } from './target.js'

/** One option: its default as text (undefined when it must be given), and what it means. */
export type OptionTable = Readonly<Record<string, readonly [value: string | undefined, help: string]>>

/** The options as given, each read by the kind it should have; a wrong one ends the program with code 2. */
export interface Program {
  /** The text of an option. */
  text(name: string): string
  /** One of the given words. */
  choice<T extends string>(name: string, words: readonly T[]): T
  /** A number not below `least` (default 0). */
  number(name: string, least?: number): number
  /** A size: N, or drawn anew from MIN-MAX with each call. */
  size(name: string): () => number
  /** Ports and ranges of ports, at least one. */
  ports(name: string): number[]
  /** The addresses of `--target`, at least one. */
  targets(): string[]
  /** These counts are in the lines `{"event":"progress",...}` that are printed where `--progress` asks for them. */
  tellProgress(counts: () => Readonly<Record<string, number>>): void
  /** Aborts after `--duration` seconds, or on SIGINT or SIGTERM. */
  readonly signal: AbortSignal
}

const shared: OptionTable = {
  duration: ['60', 'end after this many seconds; 0 means on SIGINT or SIGTERM only'],
  progress: ['0', 'tell the counts every so many seconds; 0 means only at the end'],
}
const ownFlag = 'i-own-this-target'

/** Reads the command line; `--help` and faults end the process. Options named `target` are checked by `targetRefused`. */
export function startProgram(name: string, purpose: string, table: OptionTable): Program {
  const options: OptionTable = { ...table, ...shared }
  const fault = (message: string): never => {
    process.stderr.write(`${name}: ${message}\n`)
    process.exit(2)
  }
  const values = readValues(options, fault)
  if (values.help) {
    process.stdout.write(helpText(name, purpose, options))
    process.exit(0)
  }
  const text = (option: string) =>
    String(values[option] ?? options[option]?.[0] ?? fault(`--${option} is missing`))
  const number = (option: string, least = 0) => {
    const value = Number(text(option))
    return value >= least ? value : fault(`--${option}: a number from ${least} expected, got ${text(option)}`)
  }
  const targets = () =>
    targetsOf(text('target')) ?? fault(`--target: addresses expected, got ${text('target')}`)
  if ('target' in options) {
    for (const target of targets()) {
      const refused = targetRefused(target, values[ownFlag] === true)
      if (refused !== undefined) fault(refused)
    }
  }
  const told: (() => Readonly<Record<string, number>>)[] = []
  return {
    text,
    number,
    size: (option) => drawn(text(option)) ?? fault(`--${option}: N or MIN-MAX expected, got ${text(option)}`),
    ports: (option) =>
      portsOf(text(option)) ?? fault(`--${option}: ports from 1 to 65535 expected, got ${text(option)}`),
    targets,
    tellProgress: (counts) => {
      const everyMs = number('progress') * 1000
      told.push(counts)
      if (told.length > 1 || everyMs === 0) return
      const all = () => Object.assign({}, ...told.map((one) => one())) as Record<string, number>
      setInterval(() => print({ event: 'progress', ...all() }), everyMs).unref()
    },
    choice: (option, words) =>
      words.find((word) => word === text(option)) ??
      fault(`--${option}: one of ${words.join(', ')} expected`),
    signal: endSignal(number('duration') * 1000),
  }
}

/** Prints one JSON line. */
export function print(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** The two clocks of every event: milliseconds since 1970, and of CLOCK_MONOTONIC, which all processes share. */
export function stamps(): { epochMs: number; monotonicMs: number } {
  return { epochMs: Date.now(), monotonicMs: Number(process.hrtime.bigint()) / 1e6 }
}

function readValues(
  table: OptionTable,
  fault: (message: string) => never,
): Record<string, string | boolean | undefined> {
  const config: Record<string, { type: 'string' | 'boolean' }> = {
    help: { type: 'boolean' },
    [ownFlag]: { type: 'boolean' },
  }
  for (const option of Object.keys(table)) config[option] = { type: 'string' }
  try {
    return parseArgs({ options: config }).values as Record<string, string | boolean | undefined>
  } catch (error) {
    return fault((error as Error).message)
  }
}

function helpText(name: string, purpose: string, table: OptionTable): string {
  const rows = Object.entries(table).map(([option, [value, help]]) => {
    const bound = value === undefined ? ' (required)' : value === '' ? '' : ` (default ${value})`
    return `  --${`${option} X`.padEnd(18)} ${help}${bound}`
  })
  const own =
    'target' in table ? [`  --${ownFlag.padEnd(18)} allow a target outside this machine and the lab`] : []
  return [`${name}: ${purpose}`, ...rows, ...own, ''].join('\n')
}

function endSignal(durationMs: number): AbortSignal {
  const end = new AbortController()
  // Every attempt that waits for its turn listens to it.
  setMaxListeners(0, end.signal)
  // Not the clock keeps the program running, but what it has to do.
  const timer = durationMs === 0 ? undefined : setTimeout(() => end.abort(), durationMs).unref()
  const stop = () => {
    clearTimeout(timer)
    end.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  end.signal.addEventListener('abort', () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  })
  return end.signal
}
