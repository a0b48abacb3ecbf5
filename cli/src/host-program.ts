/** Where the programs are that read captures. */

import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError, EXIT } from './errors.js'

/**
 * In `build/host/`, seen from the bundle of idsctl (`build/cli/` or `lib/idsd/build/cli/`) or from its compiled files
 * (`build/cli/src/`).
 * @throws CliError when it is at neither place
 */
export function hostProgram(name: string): string {
  const candidates = ['../host/', '../../host/'].map((folder) =>
    fileURLToPath(new URL(folder + name, import.meta.url)),
  )
  const found = candidates.find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new CliError(EXIT.error, `the program ${name} is missing: not at ${candidates.join(' nor ')}`, [
    'run make in the folder of idsd, or install it again with make install',
  ])
}

/** Folder that holds `build/`. @throws CliError as `hostProgram` */
export function idsdRoot(): string {
  return dirname(dirname(dirname(hostProgram('extract'))))
}
