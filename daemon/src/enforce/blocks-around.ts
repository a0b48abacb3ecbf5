/** Active decisions by how they lie to a target. */

import type { BlocksAround } from '../control/enforcement.js'
import { covers, type Target } from '../policy/address.js'
import type { Decision } from './decision.js'
import type { HeldEntries } from './held-entries.js'

const maxInside = 1_000

/** Of the generation in force. */
export function blocksAround(held: Pick<HeldEntries, 'all' | 'decisions'>, target: Target): BlocksAround {
  const covering: Decision[] = []
  const inside: Decision[] = []
  for (const entry of held.all.values()) {
    if (entry.target.text === target.text) continue
    if (entry.target.isPrefix && covers(entry.target, target)) covering.push(...held.decisions(entry))
    else if (target.isPrefix && inside.length < maxInside && covers(target, entry.target)) {
      inside.push(...held.decisions(entry))
    }
  }
  const length = (decision: Decision) => held.all.get(decision.target)?.target.prefix ?? 0
  covering.sort((a, b) => length(b) - length(a))
  const same = held.all.get(target.text)
  return { exact: same === undefined ? [] : [...held.decisions(same)], covering, inside }
}
