/** What blocks would have met in the recorded flows. */

import { overlaps, type Target } from '../policy/address.js'
import type { BlockPlan, PlannedAction } from './plan.js'
import { type HitsOptions, isWhole, type PlannedHit, type PlannedTargets, planHits } from './plan-hits.js'
import { createTargetSet } from './target-set.js'

/** As `planHits`, all targets by the same action. */
export function planBlock(
  options: HitsOptions,
  targets: readonly Target[],
  does: PlannedAction,
  sinceMs: number,
  isWanted: () => boolean,
): Promise<BlockPlan> {
  const planned = targets.map((target) => ({ target, by: '', does }))
  return planHits(options, plannedTargets(planned), sinceMs, isWanted)
}

/** A target with who names it and what it does. */
export interface Planned {
  readonly target: Target
  readonly by: string
  readonly does: PlannedAction
}

/** Of the same target the last one counts. */
export function plannedTargets(planned: readonly Planned[]): PlannedTargets {
  const byText = new Map(planned.map((one) => [one.target.text, one]))
  const targets = [...byText.values()].map(({ target }) => target)
  const set = createTargetSet(targets)
  return {
    find: (address) => {
      const target = set.find(address)?.text
      const found = target === undefined ? undefined : byText.get(target)
      return found && { target: found.target.text, by: found.by, does: found.does }
    },
    overlapping: (allow) => targets.filter((target) => overlaps(target, allow)).map(({ text }) => text),
  }
}

/** Those of the first that lets nothing of an address pass count, as in bpf/stage.h, else of all that cover it. */
export function anyOf(all: readonly PlannedTargets[]): PlannedTargets {
  return {
    find: (address) => {
      const parts: PlannedHit[] = []
      for (const one of all) {
        const found = one.find(address)
        if (found === undefined) continue
        if (isWhole(found.does)) return found
        parts.push(found)
      }
      const [first, ...besides] = parts
      return first && (besides.length === 0 ? first : { ...first, besides })
    },
    overlapping: (allow) => all.flatMap((one) => one.overlapping(allow)),
  }
}
