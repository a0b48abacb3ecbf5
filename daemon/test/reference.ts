/** Reference captures and values at `../shared/features`, read for tests; absent in a checkout on its own. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './loaded-programs.js'

const folder = join(root, '..', 'shared', 'features')

/** Why the reference data cannot be used here; undefined when it can. */
export function referenceMissing(): string | undefined {
  return existsSync(join(folder, 'pcaps')) ? undefined : `no reference data at ../shared/features`
}

/** Names of the captures; none where the data is missing. */
export function referenceCaptures(): string[] {
  if (referenceMissing() !== undefined) return []
  return readdirSync(join(folder, 'pcaps')).map((name) => name.replace(/\.pcap$/, ''))
}

export function capturePath(name: string): string {
  return join(folder, 'pcaps', `${name}.pcap`)
}

/** Rows of the corrected CICFlowMeter's values, artefacts of its packet reader left out. */
export function referenceRows(name: string): Map<string, string>[] {
  const lines = readFileSync(join(folder, 'oracle', `${name}.engelen_core.csv`), 'utf8')
    .trim()
    .split('\n')
  const header = (lines[0] as string).split(',')
  return lines
    .slice(1)
    .map((line) => new Map(line.split(',').map((cell, i) => [header[i] as string, cell])))
    .filter((row) => row.get('tuple_seen') === '1')
}
