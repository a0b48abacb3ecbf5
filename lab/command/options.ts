/** The command line of `lab/traffic`: what was asked for, or why it cannot be, or the help. */

import { parseArgs } from 'node:util'
import { portsOf } from '../programs/ports.js'
import { sourcesRefused, targetRefused } from '../programs/target.js'
import type { ExtraOption, Mode, Settings } from './mode.js'
import { modes } from './modes.js'

/** What the command line means. */
export type Request =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly text: string }
  | { readonly kind: 'run'; readonly mode: Mode; readonly settings: Settings; readonly isJson: boolean }

const ownFlag = 'i-own-this-target'

const flags = {
  'until-ctrl-c': 'go on until Ctrl-C, whatever --duration says',
  json: 'print the summary as one line of JSON',
  [ownFlag]: 'allow a target outside this machine and the lab (10.77.0.0/16, fd77::/16)',
  help: 'this text',
} as const

/** Reads the words after `lab/traffic`. */
export function readRequest(words: readonly string[]): Request {
  const [name = '', ...rest] = words
  if (name === '' || name === '--help' || name === '-h' || name === 'help')
    return { kind: 'help', text: overview() }
  const mode = modes.find((one) => one.name === name)
  if (mode === undefined) {
    return wrong(`no traffic named ${name}: one of ${modes.map((one) => one.name).join(', ')} expected`)
  }
  try {
    return readOptions(mode, rest)
  } catch (error) {
    return wrong(`${(error as Error).message}\nlab/traffic ${mode.name} --help explains the options`)
  }
}

function readOptions(mode: Mode, words: readonly string[]): Request {
  const table = tableOf(mode)
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
  }
  for (const [option] of table) options[option] = { type: 'string' }
  for (const flag of Object.keys(flags)) options[flag] ??= { type: 'boolean' }
  const { values } = parseArgs({ args: [...words], options })
  if (values.help === true) return { kind: 'help', text: explain(mode) }

  const defaults = new Map(table.map(([option, value]) => [option, value]))
  const text = (option: string) => String(values[option] ?? defaults.get(option) ?? '')
  const number = (option: string, isWhole = false) => {
    const value = text(option).trim() === '' ? 0 : Number(text(option))
    if (value >= 0 && (!isWhole || Number.isInteger(value))) return value
    throw new Error(`--${option}: a ${isWhole ? 'whole ' : ''}number from 0 expected, got ${text(option)}`)
  }
  const ports = portsOf(text('ports'))
  const wanted = mode.ports.count ?? ports?.length
  if (ports === undefined || ports.length !== wanted) {
    const many = wanted === undefined ? 'ports' : wanted === 1 ? 'one port' : `${wanted} ports`
    throw new Error(`--ports: ${many} from 1 to 65535 expected, got ${text('ports')}`)
  }
  const ownsTarget = values[ownFlag] === true
  const target = text('target')
  const spoofSrc = text('spoof-src')
  const refused =
    (target === '' ? undefined : targetRefused(target, ownsTarget)) ??
    (spoofSrc === '' ? undefined : sourcesRefused(spoofSrc, ownsTarget))
  if (refused !== undefined) throw new Error(refused)
  return {
    kind: 'run',
    mode,
    isJson: values.json === true,
    settings: {
      ...{ target, ports, portsText: text('ports'), spoofSrc, ownsTarget },
      rate: number('rate'),
      count: number('count', true),
      durationS: values['until-ctrl-c'] === true ? 0 : number('duration'),
      bind: text('bind'),
      concurrency: number('concurrency', true) || 1,
      iface: text('iface'),
    },
  }
}

function wrong(text: string): Request {
  return { kind: 'wrong', text: `lab/traffic: ${text}\n` }
}

type Row = readonly [option: string, value: string, help: string]

function tableOf(mode: Mode): Row[] {
  const extra = (Object.entries(mode.extra) as [ExtraOption, readonly [string, string]][]).map(
    ([option, [value, help]]): Row => [option, value, help],
  )
  const isServer = mode.count === ''
  return [
    ...(isServer ? [] : [['target', '127.0.0.1', 'a literal address'] as const]),
    ['ports', mode.ports.value, mode.ports.help],
    ...(isServer
      ? []
      : ([
          ['rate', String(mode.rate.value), mode.rate.help],
          ['count', '0', mode.count],
        ] as const)),
    ['duration', String(mode.durationS), 'seconds, at most; 0 means until Ctrl-C'],
    ...extra,
  ]
}

function overview(): string {
  const width = Math.max(...modes.map(({ name }) => name.length))
  const rows = modes.map(({ name, purpose }) => `  ${name.padEnd(width)}   ${purpose}`)
  return [
    'lab/traffic: ordinary traffic and attacks, to see what idsd does about them',
    '',
    ...rows,
    '',
    'Every mode ends by --count or --duration, or with --until-ctrl-c when you say so, and prints a summary.',
    'It goes to 127.0.0.1 unless --target says otherwise. Targets that are neither this machine nor the lab',
    `(10.77.0.0/16, fd77::/16) are refused without --${ownFlag}.`,
    '',
    'Examples',
    '  lab/traffic serve                                   in one terminal',
    '  lab/traffic normal --until-ctrl-c                   in another',
    '  lab/traffic portscan --rate 50 --json | jq .open',
    '  lab/traffic portscan --help                         what one of them takes',
    '',
  ].join('\n')
}

function explain(mode: Mode): string {
  const table = tableOf(mode)
  const row = (name: string, help: string) => `  ${`--${name}`.padEnd(21)} ${help}`
  return [
    `lab/traffic ${mode.name}: ${mode.purpose}`,
    '',
    ...mode.details,
    '',
    ...table.map(([option, value, help]) =>
      row(`${option} X`, `${help}${value === '' || help.includes('default') ? '' : ` (default ${value})`}`),
    ),
    ...Object.entries(flags).map(([flag, help]) => row(flag, help)),
    '',
    `Example: ${mode.example}`,
    '',
  ].join('\n')
}
