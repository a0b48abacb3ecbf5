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
}

/** Looks at the trial of an earlier run. @throws StoreError */
export function openTrial(
  { clock, log, audit, onClose }: Ground,
  kernel: Pick<Kernel, 'settings' | 'pinnedTrial'>,
  store: Store,
  { enforcer, lists, configuration, events }: TrialRooms,
): OpenedTrial {
  /** False while a trial of an earlier run is looked at: nothing is there yet that would follow. */
  let isOpen = false
  const teller = trialTeller({
    log,
    audit,
    events: () => (isOpen ? events() : undefined),
    nowMs: clock.nowMs,
  })
  const trial = createTrial({
    settings: kernel.settings,
    enforcer: () => trialWithLists(enforcer(), lists()),
    store,
    clock,
    bootId: readBootId(),
    onBegin: teller.begun,
    onEnd: (ended, how, row) => {
      teller.ended(ended, how)
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
    onFault: (fault) => log.error({ problem: fault.message }, 'a trial has ended, but not everywhere yet'),
  })
  const goesOn = trial.restore(kernel.pinnedTrial())
  return {
    trial,
    goesOn,
    begin() {
      isOpen = true
      onClose(() => trial.close())
      if (goesOn !== undefined && trial.state !== undefined) teller.goesOn(trial.state)
    },
  }
}
