/** The trial of a change, and what follows its begin and its end: entries, lists, settings, what is said of it. */

import type { Enforcer } from '../enforce/enforcer.js'
import { createTrial, type Trial } from '../enforce/trial.js'
import { trialWithLists } from '../enforce/trial-with-lists.js'
import { readBootId } from '../host/boot-id.js'
import type { Kernel } from '../kernel/kernel.js'
import type { Lists } from '../lists/lists.js'
import type { EventWriter } from '../publish/event-writer.js'
import type { Store } from '../record/store.js'
import type { TrialRow } from '../record/trial-table.js'
import type { Configuration } from './configuration.js'
import type { Ground } from './ground.js'
import type { PastActs } from './past-acts.js'
import { trialTeller } from './trial-teller.js'

/** The rooms that a trial is about: asked when there is something to be done. */
export interface TrialRooms {
  readonly enforcer: () => Enforcer
  readonly lists: () => Lists
  readonly configuration: () => Configuration
  readonly events: () => EventWriter | undefined
}

export interface OpenedTrial {
  readonly trial: Trial
  /** Of an earlier run; undefined: none goes on. */
  readonly goesOn: TrialRow | undefined
  /** The entries are in the maps: from here on a trial that ends is followed and told. */
  begin(): void
  /** A start takes long: an operator may have taken the trial back meanwhile, in the maps of the run before. */
  lookAgain(): void
}

/** Looks at the trial of an earlier run. @throws StoreError */
export function openTrial(
  { clock, log, audit, onClose }: Ground,
  kernel: Pick<Kernel, 'settings' | 'openPinnedTrial'>,
  store: Store,
  pastActs: PastActs,
  { enforcer, lists, configuration, events }: TrialRooms,
): OpenedTrial {
  /** False while a trial of an earlier run is looked at: nothing is there yet that would follow. */
  let isOpen = false
  const teller = trialTeller({
    log,
    audit,
    pastActs,
    events: () => (isOpen ? events() : undefined),
    nowMs: clock.nowMs,
  })
  const onFault = (fault: Error) =>
    log.error({ problem: fault.message }, 'a trial has ended, but not everywhere yet')
  const trial = createTrial({
    settings: kernel.settings,
    enforcer: () => trialWithLists(enforcer(), lists()),
    store,
    clock,
    bootId: readBootId(),
    onBegin: teller.begun,
    onEnd: (ended, how, row) => {
      teller.ended(ended, how, row)
      if (!isOpen) return
      const { settings, follow } = configuration()
      if (how === 'confirmed') settings.keep()
      else settings.drop()
      if (row.applied !== undefined) follow()
    },
    onUndone: () => {
      const { settings, follow } = configuration()
      settings.drop()
      follow()
    },
    onFault,
  })
  const pinnedUs = kernel.openPinnedTrial()
  const goesOn = trial.restore(pinnedUs())
  return {
    trial,
    goesOn,
    begin() {
      isOpen = true
      onClose(() => trial.close())
      if (goesOn !== undefined && trial.state !== undefined) teller.goesOn(trial.state)
    },
    lookAgain: lookAgainAt(pinnedUs, kernel.settings, trial, goesOn, onFault),
  }
}

/** Apart from the rest, which lives as long as idsd: with this go the maps of the run before. */
function lookAgainAt(
  pinnedUs: () => number | undefined,
  settings: Kernel['settings'],
  trial: Trial,
  goesOn: TrialRow | undefined,
  onFault: (fault: Error) => void,
): () => void {
  return () => {
    if (goesOn === undefined || pinnedUs() !== 0) return
    // What stands there by now is of somebody who was quicker.
    if (!settings.replaceTrial(goesOn.untilBootUs, 0)) return
    try {
      trial.watch()
    } catch (fault) {
      // The look at the trial tries again: this start goes on.
      onFault(fault as Error)
    }
  }
}
