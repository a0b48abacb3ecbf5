/** What changed between two configurations, and whether SIGHUP is enough. Pure. */

import { isDeepStrictEqual } from 'node:util'
import { withoutCommands } from '../lists/source-words.js'
import type { Config } from './config.js'
import { keyEntries } from './keys.js'
import { camelCase } from './load-config.js'

const MAX_WORDS = 1_000

export interface ConfigDiff {
  /** Dotted paths, as in the file, that a running daemon can take over. */
  readonly reloadable: string[]
  /** Dotted paths that wait for the next start. */
  readonly needsRestart: string[]
}

export function diffConfig(old: Config, next: Config): ConfigDiff {
  const diff: ConfigDiff = { reloadable: [], needsRestart: [] }
  for (const { path, key } of keyEntries) {
    if (isDeepStrictEqual(valueAt(old, path), valueAt(next, path))) continue
    diff[key.isReloadable ? 'reloadable' : 'needsRestart'].push(path)
  }
  return diff
}

/** @param path dotted, as in the file */
export function valueAt(config: Config, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((table, step) => (table as Record<string, unknown>)[camelCase(step)], config)
}

/** As JSON; of a command its program alone. @param path dotted, as in the file */
export function valueInWords(config: Config, path: string): string {
  return JSON.stringify(withoutCommands(valueAt(config, path)))
}

/** `mode = "detect"; policy.block_at = 90`, for the audit: values as JSON, at most 1,000 characters. */
export function settingsInWords(config: Config, paths: readonly string[]): string {
  const text = paths.map((path) => `${path} = ${valueInWords(config, path)}`).join('; ')
  return text.length <= MAX_WORDS ? text : `${text.slice(0, MAX_WORDS - 3)}...`
}
