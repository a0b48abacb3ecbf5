/**
 * The imported lists as they are on trial, beside the confirmed ones. Their table is in the kernel before the deadline is
 * written, and the confirmed one stays there until the trial has ended, so that each end of a trial is one word.
 */

import { IdsdError, RefusedError } from '../errors.js'
import type { ListMaps, LoadedList } from '../kernel/list-maps.js'
import type { Logger } from '../log.js'
import type { ListEntries } from './entries.js'
import type { ListChange, ListRow } from './list-row.js'

/** A list in memory. */
export interface Held {
  readonly row: ListRow
  readonly entries: ListEntries
  /** What was counted in earlier runs. */
  readonly base: Pick<ListRow, 'packets' | 'bytes' | 'droppedPackets' | 'lastSeenMs'>
}

/** By name. */
export type HeldLists = ReadonlyMap<string, Held>

/** What a trial of the daemon asks of the lists. */
export interface ListTrial {
  /** Undefined: no list is on trial. */
  trialChange(): ListChange | undefined
  /** What is on trial holds from here on, or never was: in memory at once, in the kernel by `settleTrial`. */
  closeTrial(isAdopted: boolean): void
  /** As in `TrialWorld`; false too while lists are made ready for a trial. */
  settleTrial(): boolean
}

/** How a change becomes one on trial. */
export interface TryOut {
  /** @throws RefusedError when another change is on trial */
  check(): void
  /** Calls `draft` and writes the deadline. @throws what hinders it: then nothing is on trial */
  begin(draft: () => void): void
}

export interface TriedLists extends ListTrial {
  /** In force until the deadline; undefined without a trial of lists. */
  readonly lists: HeldLists | undefined
  /** @throws RefusedError while lists are on trial; IdsdError `ERR_LISTS` while the kernel is not settled after one */
  checkNone(): void
  /** @throws what `trial` and `ListMaps.load` throw: then the lists are as before */
  draft(next: HeldLists, change: ListChange, trial: TryOut): Promise<void>
  /** Before the first await it knows what is on trial. @throws as `ListMaps.load`: the kernel knows the confirmed lists only */
  restore(next: HeldLists, change: ListChange, confirmed: () => Promise<void>): Promise<void>
  /** Writes the lists of the trial again, if there is one. */
  reload(): Promise<void>
}

export interface TriedListsOptions {
  readonly maps: Pick<ListMaps, 'load' | 'confirmTrial' | 'endTrial' | 'forget'>
  readonly confirmed: () => HeldLists
  readonly adopt: (lists: HeldLists) => void
  readonly loadedFrom: (lists: HeldLists) => Promise<LoadedList[]>
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
  /** A trial that was closed is so in the kernel too. */
  readonly onSettled: () => Promise<void>
  readonly log: Logger
}

interface Tried {
  readonly lists: HeldLists
  readonly change: ListChange
  /** The kernel has them. */
  isLoaded: boolean
}

interface Closing {
  readonly isAdopted: boolean
  readonly isLoaded: boolean
  /** Numbers of lists that are no more. */
  readonly gone: readonly number[]
}

export function createTriedLists(options: TriedListsOptions): TriedLists {
  const { maps, confirmed, adopt, loadedFrom, inTurn, onSettled, log } = options
  let tried: Tried | undefined
  /** What the kernel still has to follow. */
  let closing: Closing | undefined
  let isSettling = false
  let isReadying = false

  const settle = async () => {
    if (closing === undefined) return
    const { isAdopted, isLoaded, gone } = closing
    if (isAdopted && !isLoaded) await maps.load('confirmed', await loadedFrom(confirmed()))
    if (isAdopted && isLoaded) await maps.confirmTrial()
    else await maps.endTrial()
    closing = undefined
    for (const number of gone) maps.forget(number)
    await onSettled()
  }

  const loadTrial = async (lists: HeldLists) => void (await maps.load('trial', await loadedFrom(lists)))

  const trial: TriedLists = {
    get lists() {
      return tried?.lists
    },
    trialChange: () => tried?.change,
    checkNone() {
      if (tried !== undefined) throw whileListTrial(tried.change)
      if (closing !== undefined)
        throw new IdsdError('ERR_LISTS', 'the kernel has not followed the end of a trial of lists: try again')
    },
    async draft(next, change, { check, begin }) {
      check()
      isReadying = true
      try {
        await loadTrial(next)
        isReadying = false
        begin(() => {
          tried = { lists: next, change, isLoaded: true }
        })
      } catch (fault) {
        isReadying = false
        // Where the trial was closed already, it settles by itself.
        closing ??= { isAdopted: false, isLoaded: true, gone: [] }
        trial.settleTrial()
        throw fault
      }
    },
    async restore(next, change, load) {
      const mine: Tried = { lists: next, change, isLoaded: false }
      tried = mine
      await load()
      if (tried !== mine) return
      await loadTrial(next)
      mine.isLoaded = true
    },
    async reload() {
      if (tried !== undefined) await loadTrial(tried.lists)
    },
    closeTrial(isAdopted) {
      if (tried === undefined) return
      const { lists, isLoaded } = tried
      const before = confirmed()
      if (isAdopted) adopt(lists)
      const kept = new Set([...confirmed().values()].map(({ row }) => row.number))
      const gone = [...before.values(), ...lists.values()]
        .map(({ row }) => row.number)
        .filter((number) => !kept.has(number))
      closing = { isAdopted, isLoaded, gone }
      tried = undefined
    },
    settleTrial() {
      if (closing !== undefined && !isSettling) {
        isSettling = true
        inTurn(settle)
          .catch((error: unknown) => {
            const { message, code } = error as IdsdError
            if (code !== 'ERR_STOPPING')
              log.error({ problem: message }, 'the kernel did not follow the end of a trial of lists yet')
          })
          .finally(() => {
            isSettling = false
          })
      }
      return closing === undefined && !isReadying
    },
  }
  return trial
}

/** Lists are one table: what is changed for good would be lost, or confirmed with what is on trial. */
function whileListTrial({ saved, removed }: ListChange): RefusedError {
  const names = [...saved.map(({ name }) => name), ...removed].join(', ')
  const text =
    `a change of the list ${names} is on trial, and lists are not changed meanwhile: ` +
    'idsctl confirm keeps it, idsctl rollback takes it back'
  return new RefusedError(text, [text])
}
