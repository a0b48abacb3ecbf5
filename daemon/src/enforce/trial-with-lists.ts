/** A trial of the enforcer's entries and of the imported lists, which the kernel takes aside. */

import type { ListTrial } from '../lists/list-trial.js'
import type { TrialWorld } from './trial-world.js'

export function trialWithLists(world: TrialWorld, lists: ListTrial): TrialWorld {
  return {
    draftTrial: (work) => world.draftTrial(work),
    trialChange() {
      const change = lists.trialChange()
      return { ...world.trialChange(), ...(change === undefined ? {} : { lists: change }) }
    },
    closeTrial(isAdopted, isStored) {
      // What cannot fail goes first: both end in the same way.
      lists.closeTrial(isAdopted)
      world.closeTrial(isAdopted, isStored)
    },
    finishTrial: () => world.finishTrial(),
    settleTrial: () => lists.settleTrial(),
  }
}
