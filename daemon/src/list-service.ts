/** Joins the rooms into what gRPC asks about imported lists. */

import type { ListCommands } from './control/list-commands.js'
import type { Enforcer } from './enforce/enforcer.js'
import type { InterfaceSet } from './kernel/interface-set.js'
import type { Lists } from './lists/lists.js'
import { refusedInWords } from './lists/lists.js'
import type { Prepared, PrepareJob } from './lists/prepare.js'
import { planHits } from './plan/plan-block.js'
import { plannedEntries } from './plan/plan-import.js'
import type { Guards } from './policy/guards.js'
import type { ListService } from './publish/list-handlers.js'
import type { Store } from './record/store.js'

export interface ListServiceOptions {
  readonly lists: Lists
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
    entries: lists.entries,
    uploadMs: () => options.uploadS() * 1000,
    async plan(source, sinceMs, callerPeer, isWanted) {
      const job = {
        source,
        protections: guards.protections(callerPeer),
        isForced: false,
        allows: [],
        before: undefined,
      }
      const { entries, refused } = await prepare(job, new AbortController().signal)
      const isForwarding = () => interfaces.states().length > 1
      const planOptions = { store, allows, isForwarding, nowMs: () => Date.now() }
      const plan = await planHits(planOptions, plannedEntries(entries), sinceMs, isWanted)
      const words = refused.map(refusedInWords)
      return { plan, refused: words.map(({ target, text }) => ({ target, guards: [text] })) }
    },
  }
}
