/** Where the bundle is that ships with idsd. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError, EXIT } from './errors.js'

/**
 * Beside the bundle of idsctl (`build/cli/` or `lib/idsd/build/cli/`), or beside its compiled files (`build/cli/src/`).
 * @throws CliError when it is at neither place
 */
export function shippedModelDir(): string {
  const candidates = ['../../models/flow-gbt', '../../../models/flow-gbt'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  )
  const found = candidates.find((folder) => existsSync(join(folder, 'manifest.json')))
  if (found !== undefined) return found
  throw new CliError(EXIT.error, `no model ships with this idsctl: not in ${candidates.join(' nor ')}`, [
    'give the folder of a bundle: idsctl model show DIR',
  ])
}
