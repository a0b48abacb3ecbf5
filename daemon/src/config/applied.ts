/**
 * Settings in a file of their own: the tables of idsd.toml that `idsctl apply` takes. A key of it stands in the place of
 * the same key of idsd.toml.
 */

import { ConfigError, type ConfigFault } from '../errors.js'
import type { ScheduledList } from '../lists/schedule.js'
import { commandInWords } from '../lists/source-words.js'
import type { Config } from './config.js'
import { keyEntries } from './keys.js'
import { contradictions, withValue } from './load-config.js'
import { readFileValues } from './read-file.js'
import { checkValue, describe } from './validate.js'

export interface Applied {
  readonly text: string
  /** Dotted paths that it names. */
  readonly paths: readonly string[]
  /** The rest of the text cannot be used. */
  readonly isPart?: true
  /** The configuration with these settings in it. */
  over(config: Config): Config
}

/** Tables that are taken. Others wait for a restart, or are no setting of what is blocked. */
const TABLES: readonly string[] = ['policy', 'allow', 'lists']
const EXPECTED = 'a key of [policy], [allow] or [lists], which are the tables that can be applied'
const NO_COMMAND = 'a file: idsd runs commands on its host that idsd.toml names, and no others'

/** What its allowlist says alone, where the whole cannot be used; undefined where that has faults too, or says nothing. */
export function readAppliedAllow(text: string): Applied | undefined {
  const path = 'allow.entries'
  const key = keyEntries.find((entry) => entry.path === path)?.key
  const written = readFileValues(text).values.get(path)
  if (key === undefined || written === undefined) return undefined
  const { faults, value } = checkValue(key, written, path)
  if (faults.length > 0) return undefined
  return { text, paths: [path], isPart: true, over: (config) => withValue(config, path, value) }
}

/**
 * @param name of the file, for the faults
 * @param base the configuration that it will stand above: both together must make sense
 * @throws ConfigError with every fault
 */
export function readApplied(text: string, name: string, base: Config): Applied {
  const read = readFileValues(text)
  const faults: ConfigFault[] = [...read.faults]
  const values = new Map<string, unknown>()
  const keys = new Map(keyEntries.map(({ path, key }) => [path, key]))
  for (const [path, written] of read.values) {
    const key = keys.get(path)
    if (key === undefined || !TABLES.includes(tableOf(path))) {
      faults.push({ path, expected: EXPECTED, got: describe(written) })
      continue
    }
    const checked = checkValue(key, written, path)
    faults.push(...checked.faults)
    if (path === 'lists.scheduled' && checked.faults.length === 0)
      faults.push(...foreignCommands(checked.value as readonly ScheduledList[]))
    if (checked.faults.length === 0) values.set(path, checked.value)
  }
  // An empty file is most often a mistake, and what was applied is taken out by another word.
  if (read.isToml && read.values.size === 0 && faults.length === 0)
    faults.push({ path: 'file', expected: 'at least one key of [policy], [allow] or [lists]', got: 'none' })
  const applied: Applied = {
    text,
    paths: [...values.keys()],
    over: (config) => [...values].reduce((sum, [path, value]) => withValue(sum, path, value), config),
  }
  if (faults.length === 0) {
    const isApplied = ({ path }: ConfigFault) => TABLES.includes(tableOf(path))
    faults.push(...contradictions(applied.over(base), 'run', new Map()).filter(isApplied))
  }
  if (faults.length > 0) throw new ConfigError(name, faults)
  return applied
}

/** Who may change settings need not be who may run programs on the host of idsd. */
function foreignCommands(lists: readonly ScheduledList[]): ConfigFault[] {
  return lists.flatMap(({ command }, i) =>
    command.length === 0
      ? []
      : [{ path: `lists.scheduled[${i}].command`, expected: NO_COMMAND, got: commandInWords(command) }],
  )
}

function tableOf(path: string): string {
  return path.split(/[.[]/, 1)[0] as string
}
