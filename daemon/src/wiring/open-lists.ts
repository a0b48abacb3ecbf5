/** The imported lists with those who change them: commands, and the schedule of the configuration. */

import { createListCommands, type ListCommands } from '../control/list-commands.js'
import type { Trial } from '../enforce/trial.js'
import type { Kernel } from '../kernel/kernel.js'
import { createLists, type Lists } from '../lists/lists.js'
import { listsToCome } from '../lists/lists-to-come.js'
import { prepareAside } from '../lists/prepare-aside.js'
import { createSchedule, readSource, type Schedule } from '../lists/schedule.js'
import { parseTarget } from '../policy/address.js'
import type { Store } from '../record/store.js'
import type { TrialRow } from '../record/trial-table.js'
import type { ViewOptions } from '../view.js'
import type { Ground } from './ground.js'
import { chosenAllow, type Enforcement } from './open-enforcement.js'

export interface OpenedLists {
  readonly lists: Lists
  readonly commands: ListCommands
  readonly schedule: Schedule
  /** Lists that other settings would bring, for a plan. */
  readonly toCome: ViewOptions['listsToCome']
}

export interface ListsToOpen {
  readonly kernel: Pick<Kernel, 'lists'>
  readonly store: Store
  readonly enforcement: Pick<Enforcement, 'enforcer' | 'guards'>
  readonly trial: Trial
  /** Trial of an earlier run. */
  readonly goesOn: TrialRow | undefined
}

/** Loads what is stored; the schedule waits for its `configure`. */
export async function openLists(ground: Ground, options: ListsToOpen): Promise<OpenedLists> {
  const { inForce, clock, audit, onClose, log } = ground
  const { kernel, store, enforcement, trial, goesOn } = options
  const lists = createLists({
    store,
    maps: kernel.lists,
    clock,
    protections: enforcement.guards.protections,
    allows: () => chosenAllow(enforcement.enforcer).map((target) => parseTarget(target, 'allow')),
    prepare: prepareAside,
    hasEarlier: true,
    onSettled: trial.watch,
    times: () => inForce.config.lists,
    log,
  })
  onClose(() => lists.close())
  onClose(() => lists.saveHits())
  await lists.restore(goesOn?.change.lists)
  const commands = createListCommands({ lists, audit, trial, parseTarget, nowMs: clock.nowMs })
  const schedule = createSchedule({
    commands,
    states: lists.states,
    isOnTrial: () => lists.isOnTrial,
    nowMs: clock.nowMs,
    log,
  })
  onClose(() => schedule.close())
  const plansEnd = new AbortController()
  onClose(() => plansEnd.abort())
  const comeOptions = {
    ...{ protections: enforcement.guards.protections, prepare: prepareAside, read: readSource },
    signal: plansEnd.signal,
  }
  return {
    ...{ lists, commands, schedule },
    toCome: (come, limits, asked) => listsToCome(comeOptions, come, limits, asked),
  }
}
