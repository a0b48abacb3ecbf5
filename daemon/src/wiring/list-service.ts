/** Joins the rooms into what gRPC asks about imported lists. */

import type { ListCommands } from '../control/list-commands.js'
import type { Enforcer } from '../enforce/enforcer.js'
import { RefusedError } from '../errors.js'
import type { InterfaceSet } from '../kernel/interface-set.js'
import { countEntries } from '../lists/entries.js'
import { nothingLeft, refusedInWords, tooWideInWords } from '../lists/list-words.js'
import type { Lists } from '../lists/lists.js'
import type { Prepared, PrepareJob } from '../lists/prepare.js'
import type { Schedule } from '../lists/schedule.js'
import { planHits } from '../plan/plan-hits.js'
import { plannedEntries } from '../plan/plan-import.js'
import type { Guards } from '../policy/guards.js'
import type { ListService } from '../publish/list-handlers.js'
import type { Store } from '../record/store.js'

export interface ListServiceOptions {
  readonly lists: Lists
  readonly schedule: Pick<Schedule, 'states'>
  readonly commands: ListCommands
  readonly enforcer: Pick<Enforcer, 'allowEntries'>
  readonly guards: Pick<Guards, 'protections'>
  readonly interfaces: Pick<InterfaceSet, 'states'>
  readonly store: Pick<Store, 'flowsPage'>
  /** Longest time that the entries of an import may take to arrive, s. */
  readonly uploadS: () => number
  readonly prepare: (job: PrepareJob, signal: AbortSignal) => Promise<Prepared>
}

export function createListService(options: ListServiceOptions): ListService {
  const { lists, commands, enforcer, guards, interfaces, store, prepare } = options
  const allows = () => enforcer.allowEntries().filter(({ source }) => source !== 'automatic')
  return {
    commands,
    states: lists.states,
    scheduled: () => options.schedule.states(),
    entries: lists.entries,
    uploadMs: () => options.uploadS() * 1000,
    async plan(source, does, sinceMs, callerPeer, isWanted) {
      const job = {
        source,
        protections: guards.protections(callerPeer),
        isForced: false,
        allows: [],
        before: undefined,
      }
      const { entries, refused, covered } = await prepare(job, new AbortController().signal)
      const words = refused.map(refusedInWords)
      // As the import: nothing of it is left to look at.
      if (countEntries(entries) === 0 && words.length > 0) throw nothingLeft(words)
      const tooWide = tooWideInWords(does, covered)
      if (tooWide !== undefined) throw new RefusedError(`refused: ${tooWide}`, [tooWide])
      const isForwarding = () => interfaces.states().length > 1
      const planOptions = { store, allows, isForwarding, nowMs: () => Date.now() }
      const plan = await planHits(planOptions, plannedEntries(entries, does), sinceMs, isWanted)
      return { plan, refused: words.map(({ target, text }) => ({ target, guards: [text] })) }
    },
  }
}
