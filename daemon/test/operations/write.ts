/** Writes `docs/operations.md` anew, with what its commands print: `node build/daemon/test/operations/write.js`. */

import { writeFileSync } from 'node:fs'
import { operationsFile, readPage, textOf } from './page.js'
import { play } from './scene.js'

writeFileSync(operationsFile, textOf(await play(readPage(), 'writeops')))
