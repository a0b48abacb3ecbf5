/** Where the traffic programs are. */

import { fileURLToPath } from 'node:url'

/** Command line of a program in `lab/programs/`, by its name. */
export function trafficProgram(name: string): readonly [string, string] {
  return [process.execPath, fileURLToPath(new URL(`programs/${name}.js`, import.meta.url))]
}
