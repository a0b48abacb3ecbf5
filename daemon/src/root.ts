/** Where idsd was made or installed: what is shipped with it lies at the same places below this folder. */

import { fileURLToPath } from 'node:url'

/** From `build/daemon/src/`, and from `build/daemon/bundle/`, where all of it is one file. No slash at its end. */
export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
