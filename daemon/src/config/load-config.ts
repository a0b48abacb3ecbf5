/** The one way to a `Config`: defaults, then the file, then the environment, then flags; every fault at once. */

import { readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { ConfigError, type ConfigFault } from '../errors.js'
import { root } from '../root.js'
import type { Config } from './config.js'
import { type Action, type FlagValue, parseFlags } from './flags.js'
import { type Key, keyEntries, type keys } from './keys.js'
import { readFileValues } from './read-file.js'
import { checkValue } from './validate.js'

export interface LoadOptions {
  /** Arguments after the program's name. */
  readonly argv: readonly string[]
  /** `IDSD_SOCKET` names the socket, as it does for idsctl. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Default: the file's text; throws with `code` ENOENT when it does not exist. */
  readonly readFile?: (path: string) => string
  /** Memory that the flow table's default is taken from, bytes. Default: the machine's, or the control group's if less. */
  readonly memoryBytes?: number
  /** Folder of the bundle that `dir = "shipped"` means. Default: `models/flow-gbt` beside the build. */
  readonly shippedModelDir?: string
}

/** One key as it is in effect, in the words of the file. */
export interface Setting {
  readonly written: unknown
  /** `default`, the path of the file, `IDSD_SOCKET`, or the flag. */
  readonly origin: string
}

export interface LoadedConfig {
  readonly config: Config
  readonly action: Action
  /** The file that was read; undefined when there was none. */
  readonly file: string | undefined
  /** By dotted path, in the order of the file. */
  readonly settings: ReadonlyMap<string, Setting>
}

export const DEFAULT_CONFIG_FILE = '/etc/idsd/idsd.toml'

const SHIPPED_MODEL_DIR = `${root}/models/flow-gbt`

/** Bytes that a flow may cost when a 64th of the memory is given to the flow table. */
const FLOW_BYTES = 512

/**
 * @throws UsageError (exit code 2) when the command line cannot be understood
 * @throws ConfigError with every fault of the file and of the values given by flags (exit code 2 when there are only those)
 */
export function loadConfig(options: LoadOptions): LoadedConfig {
  const { argv, env, memoryBytes = availableBytes(), shippedModelDir = SHIPPED_MODEL_DIR } = options
  const { action, file: givenFile, values: flagValues } = parseFlags(argv)
  const isFileNeeded = action !== 'help' && action !== 'version'

  const source = isFileNeeded ? readSource(options.readFile ?? readText, givenFile) : undefined
  const file = source === undefined ? undefined : (givenFile ?? DEFAULT_CONFIG_FILE)
  const fromFile = readFileValues(source ?? '')
  const faults: ConfigFault[] = [...fromFile.faults]
  const overrides: readonly FlagValue[] = [...environmentValues(env), ...flagValues]

  const settings = new Map<string, Setting>()
  const values = new Map<string, unknown>()
  for (const { path, key } of keyEntries) {
    const layers = layersOf(path, key, fromFile.values, file, overrides)
    for (const { written, origin, where } of layers) {
      const checked = checkValue(key, written, where)
      faults.push(...checked.faults)
      settings.set(path, { written, origin })
      // The default stays where a value is faulty, so that the rest can still be checked together.
      if (checked.faults.length === 0) values.set(path, checked.value)
    }
  }

  const config = resolved(nested(values), memoryBytes, shippedModelDir)
  const isFaulty = (path: string) =>
    faults.some((fault) => fault.path === path || fault.path.startsWith(`${path}[`))
  if (isFileNeeded && fromFile.isToml) {
    faults.push(...contradictions(config, action, settings).filter(({ path }) => !isFaulty(path)))
  }
  if (faults.length > 0) {
    const isOfFlag = (path: string) => path.startsWith('--')
    // That no interface is named is a fault of neither.
    const isOfFlags =
      faults.some(({ path }) => isOfFlag(path)) &&
      faults.every(({ path, got }) => isOfFlag(path) || (path === 'interfaces' && got === 'none'))
    throw new ConfigError(isOfFlags ? 'command line' : (file ?? 'command line'), faults, isOfFlags)
  }
  return { config, action, file, settings }
}

interface Layer extends Setting {
  /** What a fault names. */
  readonly where: string
}

/** Lowest first; the last one is in effect, but what stands below it is checked too. */
function layersOf(
  path: string,
  key: Key<unknown>,
  fromFile: ReadonlyMap<string, unknown>,
  file: string | undefined,
  overrides: readonly FlagValue[],
): Layer[] {
  const layers: Layer[] = [{ written: key.fallback, origin: 'default', where: path }]
  if (fromFile.has(path))
    layers.push({ written: fromFile.get(path), origin: file ?? DEFAULT_CONFIG_FILE, where: path })
  for (const { path: overridden, flag, written } of overrides) {
    if (overridden === path) layers.push({ written, origin: flag, where: flag })
  }
  return layers
}

function environmentValues(env: LoadOptions['env']): FlagValue[] {
  const socket = env.IDSD_SOCKET
  return socket === undefined || socket === ''
    ? []
    : [{ path: 'paths.socket', flag: 'IDSD_SOCKET', written: socket.replace(/^unix:(\/\/)?/, '') }]
}

/** Only the default file may be absent. */
function readSource(readFile: (path: string) => string, givenFile: string | undefined): string | undefined {
  const file = givenFile ?? DEFAULT_CONFIG_FILE
  try {
    return readFile(file)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error'
    if (code === 'ENOENT' && givenFile === undefined) return undefined
    const path = givenFile === undefined ? file : '--config'
    throw new ConfigError(file, [{ path, expected: 'a readable file', got: code }])
  }
}

function readText(path: string): string {
  return readFileSync(path, 'utf8')
}

function availableBytes(): number {
  const limit = process.constrainedMemory() ?? 0
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/** Dotted snake_case paths to nested camelCase. */
function nested(values: ReadonlyMap<string, unknown>): Written {
  const whole: Record<string, unknown> = {}
  for (const [path, value] of values) {
    const steps = path.split('.').map(camelCase)
    const last = steps.pop()!
    let table = whole
    for (const step of steps) {
      const inner = (table[step] ?? {}) as Record<string, unknown>
      table[step] = inner
      table = inner
    }
    table[last] = value
  }
  return whole as Written
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** The same configuration with another value. @param path dotted, as in the file */
export function withValue(config: Config, path: string, value: unknown): Config {
  const set = (table: object, [step, ...rest]: string[]): object => ({
    ...table,
    [step as string]: rest.length === 0 ? value : set((table as never)[step as string], rest),
  })
  return set(config, path.split('.').map(camelCase)) as Config
}

type Camel<Name> = Name extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name
type ValuesOf<Table> =
  Table extends Key<infer Value>
    ? Value
    : { readonly [Name in keyof Table as Camel<Name>]: ValuesOf<Table[Name]> }
/** The key table's values, before the words that depend on the machine are resolved. */
type Written = ValuesOf<typeof keys>

function resolved(written: Written, memoryBytes: number, shippedModelDir: string): Config {
  const { kernel, model } = written
  return {
    ...written,
    kernel: { ...kernel, flows: kernel.flows ?? flowsFor(memoryBytes) },
    model: { ...model, dir: model.dir === undefined ? shippedModelDir : model.dir },
  }
}

/** A 64th of the memory in flows, as a power of two. */
export function flowsFor(memoryBytes: number): number {
  const fit = 2 ** Math.floor(Math.log2(memoryBytes / 64 / FLOW_BYTES))
  return Math.min(Math.max(fit, 16_384), 1_048_576)
}

/** What is right by itself and wrong together. */
export function contradictions(
  config: Config,
  action: Action,
  settings: ReadonlyMap<string, Setting>,
): ConfigFault[] {
  const faults: ConfigFault[] = []
  const fault = (path: string, expected: string, got: string) => {
    const origin = settings.get(path)?.origin ?? ''
    faults.push({ path: origin.startsWith('--') ? origin : path, expected, got })
  }
  const { grpc, model, policy } = config
  if (action === 'run' && config.interfaces.length === 0) {
    fault('interfaces', 'at least one: idsd --iface NAME, or interfaces = ["NAME"] in the file', 'none')
  }
  for (const name of ['ca', 'cert', 'key'] as const) {
    const isGiven = grpc[name] !== null
    if (grpc.listen !== null && !isGiven)
      fault(`grpc.${name}`, 'a PEM file, because grpc.listen is set', '"none"')
    if (grpc.listen === null && isGiven)
      fault(`grpc.${name}`, '"none", because grpc.listen is "off"', `"${grpc[name]}"`)
  }
  if (model.dir === null && policy.modelMayBlock) {
    fault('policy.model_may_block', 'false, because there is no model (model.dir is "none")', 'true')
  }
  if (policy.maxBlockS < policy.blockS) {
    fault('policy.max_block_s', `at least policy.block_s, ${policy.blockS}`, `${policy.maxBlockS}`)
  }
  if (policy.modelPointsCap < policy.modelPoints) {
    fault(
      'policy.model_points_cap',
      `at least policy.model_points, ${policy.modelPoints}`,
      `${policy.modelPointsCap}`,
    )
  }
  return faults
}
