/** Flows of another layout end once the programs are switched; what continues them knows of them. */

import type { Binding } from './binding.js'
import type { DataPath } from './data-path.js'
import type { Earlier } from './earlier.js'
import { buryAll } from './graves.js'

/**
 * To be called before the switch, which does not wait for it: no fault is thrown.
 * @param tell what is lost, in words
 */
export function handFlowsOn(
  binding: Binding,
  earlier: Earlier,
  path: DataPath,
  tell: (detail: string) => void,
): void {
  if (path.goesOn.has('flows')) return
  if (earlier.description === undefined) {
    tell(
      'flows of the earlier idsd cannot be read: it left no description of its maps, and their types take CAP_SYS_ADMIN',
    )
    return
  }
  try {
    const lost = buryAll(binding, earlier, path)
    if (lost > 0)
      tell(`${lost} open flows found no room among the tombstones: their continuations begin anew`)
  } catch (error) {
    tell(`open flows are not continued: ${(error as Error).message}`)
  }
}
