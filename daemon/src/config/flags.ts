/** The command line to an action and the values it gives, by the dotted path of the key that each flag overrides. */

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { IdsdError } from '../errors.js'
import { suggest } from './suggest.js'

export type Action = 'run' | 'read' | 'print-config' | 'check-config' | 'detach' | 'help' | 'version'

export interface FlagValue {
  /** As in the file: `paths.db`. */
  readonly path: string
  /** As given: `--db`. */
  readonly flag: string
  readonly written: unknown
}

export interface Flags {
  readonly action: Action
  /** Undefined when `--config` was not given. */
  readonly file: string | undefined
  /** File of the capture when the action is `read`, else undefined. */
  readonly capture: string | undefined
  readonly values: readonly FlagValue[]
}

/** A command line that cannot be understood: exit code 2. */
export class UsageError extends IdsdError {
  constructor(message: string) {
    super('ERR_USAGE', `${message}\nidsd --help shows every flag.`)
  }
}

interface ValueFlag {
  readonly path: string
  readonly value: string
  /** How the text after the flag is written in the file. */
  readonly write: (text: string) => unknown
}

const asText = (text: string) => text
/** A shell's relative path is relative to where the shell is. */
const asPath = (text: string) => resolve(text)
const asPathUnless = (word: string) => (text: string) => (text === word ? text : resolve(text))
const asNumber = (text: string) => (/^[\d_]+$/.test(text) ? Number(text.replaceAll('_', '')) : text)

/** Flags that take a value and override a key. */
export const valueFlags: Readonly<Record<string, ValueFlag>> = {
  iface: { path: 'interfaces', value: 'NAME', write: asText },
  mode: { path: 'mode', value: 'MODE', write: asText },
  'xdp-mode': { path: 'kernel.xdp_mode', value: 'MODE', write: asText },
  'on-exit': { path: 'on_exit', value: 'WHAT', write: asText },
  user: { path: 'user', value: 'NAME', write: asText },
  model: {
    path: 'model.dir',
    value: 'DIR',
    write: (text) => (text === 'shipped' ? text : asPathUnless('none')(text)),
  },
  flows: { path: 'kernel.flows', value: 'N', write: asNumber },
  blocks: { path: 'kernel.blocks', value: 'N', write: asNumber },
  prefixes: { path: 'kernel.prefixes', value: 'N', write: asNumber },
  db: { path: 'paths.db', value: 'FILE', write: asPath },
  socket: { path: 'paths.socket', value: 'FILE', write: asPath },
  bpffs: { path: 'paths.bpffs', value: 'DIR', write: asPath },
  'run-dir': { path: 'paths.run_dir', value: 'DIR', write: asPath },
  'metrics-listen': { path: 'metrics.listen', value: 'HOST:PORT', write: asText },
  events: { path: 'events.file', value: 'FILE', write: asPathUnless('none') },
  'log-file': { path: 'log.file', value: 'FILE', write: asPathUnless('-') },
  'log-level': { path: 'log.level', value: 'LEVEL', write: asText },
  'log-format': { path: 'log.format', value: 'FORMAT', write: asText },
}

/** Flags without a value that say what to do instead of running. */
const actionFlags: Readonly<Record<string, Action>> = {
  'print-config': 'print-config',
  'check-config': 'check-config',
  detach: 'detach',
  help: 'help',
  version: 'version',
}

/** What may stand beside `--read`. */
const readFlags: ReadonlySet<string> = new Set(['read', 'config', 'mode', 'model', 'model-may-block'])

const plainFlags: Readonly<Record<string, string>> = { 'model-may-block': 'policy.model_may_block' }

const names = [
  'config',
  'read',
  ...Object.keys(valueFlags),
  ...Object.keys(plainFlags),
  ...Object.keys(actionFlags),
]

/** @throws UsageError for a flag that is unknown, incomplete, given twice or at odds with another */
export function parseFlags(argv: readonly string[]): Flags {
  const actions = new Set<Action>()
  const seen = new Set<string>()
  const interfaces: string[] = []
  const values: FlagValue[] = []
  let file: string | undefined
  let capture: string | undefined

  for (const { name, value } of flagsIn(argv)) {
    const flag = `--${name}`
    if (name !== 'iface' && seen.has(name)) throw new UsageError(`${flag} is given twice`)
    seen.add(name)
    const action = actionFlags[name]
    const valueFlag = valueFlags[name]
    if (name === 'config') file = resolve(value!)
    else if (name === 'read') capture = resolve(value!)
    else if (name === 'iface') interfaces.push(value!)
    else if (action !== undefined) actions.add(action)
    else if (valueFlag !== undefined)
      values.push({ path: valueFlag.path, flag, written: valueFlag.write(value!) })
    else values.push({ path: plainFlags[name]!, flag, written: true })
  }
  if (interfaces.length > 0) values.push({ path: 'interfaces', flag: '--iface', written: interfaces })
  if (capture !== undefined) actions.add('read')
  const action = theAction(actions)
  const idle = action === 'read' ? [...seen].find((name) => !readFlags.has(name)) : undefined
  if (idle !== undefined)
    throw new UsageError(
      `--${idle} means nothing with --read: a capture touches no interface, socket or file`,
    )
  return { action, file, capture: action === 'read' ? capture : undefined, values }
}

/** `--help` and `--version` win: who asks does not want to be told about the rest. */
function theAction(actions: ReadonlySet<Action>): Action {
  if (actions.has('help')) return 'help'
  if (actions.has('version')) return 'version'
  const [action = 'run', other] = actions
  if (other !== undefined)
    throw new UsageError(`--${action} and --${other} exclude each other: give one of them`)
  return action
}

function* flagsIn(argv: readonly string[]): Generator<{ name: string; value: string | undefined }> {
  const takesValue = (name: string) => name === 'config' || name === 'read' || Object.hasOwn(valueFlags, name)
  const options = Object.fromEntries(
    names.map((name) => [name, { type: takesValue(name) ? ('string' as const) : ('boolean' as const) }]),
  )
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...options, help: { type: 'boolean', short: 'h' } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(strayMessage(token.value))
    if (token.kind !== 'option') continue
    const { name, rawName, value, inlineValue } = token
    if (!names.includes(name)) throw new UsageError(unknownMessage(rawName))
    if (!takesValue(name) && value !== undefined)
      throw new UsageError(`${rawName} takes no value, got ${value}`)
    const isMissing = value === undefined || value === '' || (!inlineValue && /^--?[a-z]/.test(value))
    if (takesValue(name) && isMissing) {
      throw new UsageError(`${rawName} needs a value: ${rawName} ${valueFlags[name]?.value ?? 'FILE'}`)
    }
    yield { name, value }
  }
}

function unknownMessage(rawName: string): string {
  const near = suggest(rawName.replace(/^-+/, ''), names)
  return `unknown flag ${rawName}${near === undefined ? '' : `: did you mean --${near}?`}`
}

function strayMessage(word: string): string {
  return `unexpected argument ${word}: idsd takes flags only (an interface is given as --iface ${word})`
}
