/**
 * The imported lists: in memory, in the store and in the kernel. A list is replaced as a whole: its entries are made
 * ready aside, written beside the old ones, swapped in the kernel, and only then named by the store.
 */

import { ArgumentError, IdsdError, NotFoundError, RefusedError } from '../errors.js'
import type { ListCounts, ListMaps } from '../kernel/list-maps.js'
import { mostLists } from '../kernel/list-maps.js'
import type { EarlierTable } from '../kernel/table-pins.js'
import type { Logger } from '../log.js'
import type { Target } from '../policy/address.js'
import type { Protection } from '../policy/guards.js'
import type { ListTable } from '../record/list-table.js'
import { createEndedLists } from './ended-lists.js'
import { countEntries, coveringEntries, entryText, type ListEntries, unpackEntries } from './entries.js'
import { createListParts } from './list-parts.js'
import type { ListChange, ListDoing, ListRow } from './list-row.js'
import { createListTally } from './list-tally.js'
import { createTriedLists, type Held, type HeldLists, type ListTrial, type TryOut } from './list-trial.js'
import { checkName, noSuchList, nothingLeft, refusedInWords, tooWideInWords } from './list-words.js'
import { createLoadAgain } from './load-again.js'
import { loadedLists } from './loaded-lists.js'
import type { Prepared, PrepareJob, Source } from './prepare.js'

/** A list that is to be there from now on. */
export interface ImportOrder extends ListDoing {
  readonly name: string
  /** 0 = until it is removed; absent: the shortest time that a decision in it says, else 0. */
  readonly ttlMs?: number
  /** Where the shortest time of a decision counts: at least so long, ms. */
  readonly leastMs?: number
  readonly origin: string
  readonly reason: string
  readonly createdBy: string
  readonly isForced: boolean
  readonly dryRun: boolean
  /** Far end of the caller's own session; '' when there is none. */
  readonly callerPeer: string
  /** Absent: the change is for good. */
  readonly tryOut?: TryOut
}

export interface ImportResult {
  /** As it is from here on, or would be. */
  readonly list: ListRow
  /** What it takes the place of. */
  readonly before: ListRow | undefined
  readonly prepared: Prepared
  /** Refused entries in words: the first of them. */
  readonly refused: readonly { readonly target: string; readonly text: string }[]
}

/** A list with what it met in all. */
export interface ListState extends ListRow {
  /** The kernel has it. */
  readonly isLoaded: boolean
}

/** An entry of a list that covers an address. */
export interface ListHolding {
  readonly list: ListState
  /** The longest that covers it, canonical text. */
  readonly entry: string
}

/** Of a trial, what is asked for is answered with the lists that are on trial: they are in force. */
export interface Lists extends ListTrial {
  /**
   * Loads what is stored and not over: before programs are attached. A list that cannot be had is told and left out.
   * @param change of a trial that goes on
   */
  restore(change?: ListChange): Promise<void>
  /**
   * @throws RefusedError when guards leave nothing, or lists are on trial; ArgumentError, IdsdError `ERR_LIST` or
   * `ERR_LISTS`, KernelError, StoreError
   */
  import(order: ImportOrder, source: Source): Promise<ImportResult>
  /** @param tryOut absent: for good @throws NotFoundError; RefusedError while lists are on trial */
  remove(name: string, dryRun?: boolean, tryOut?: TryOut): Promise<ListState>
  /** Lists are on trial: none can be changed. */
  readonly isOnTrial: boolean
  /** By name. */
  states(): ListState[]
  entries(name: string): ListEntries | undefined
  /** Lists with an entry that covers all of the target. */
  holding(target: Target): ListHolding[]
  /** Takes out what is over, and repairs what somebody else changed in the kernel. */
  tick(): void
  saveHits(): void
  /**
   * Once, after the programs were switched: adds what earlier tables met beyond what is stored. Until then nothing is
   * stored of what lists meet. @throws StoreError; it is all tried again by `saveHits`
   */
  settleHits(earlier: readonly EarlierTable[]): void
  /** Lists that the kernel did not take. */
  readonly unloaded: readonly string[]
  /** Kernel memory of the lists, bytes. */
  readonly kernelBytes: number
  close(): Promise<void>
}

export interface ListsOptions {
  readonly store: ListTable
  readonly maps: ListMaps
  readonly clock: { nowMs(): number; bootUs(): number }
  readonly protections: (callerPeer: string) => readonly Protection[]
  /** Entries of operator and configuration. */
  readonly allows: () => readonly Target[]
  readonly prepare: (job: PrepareJob, signal: AbortSignal) => Promise<Prepared>
  readonly log: Logger
  /** How long a list that is over is kept, and how soon one that the kernel did not take is tried again, s. */
  readonly times?: () => { readonly keepEndedS: number; readonly retryS: number }
  /** `settleHits` will be called. Default false. */
  readonly hasEarlier?: boolean
  /** A trial that was closed is so in the kernel too: `Trial.watch` is due. */
  readonly onSettled?: () => void
}

/** A wall clock that moved further against the boot clock was set, ms. */
const maxDriftMs = 1_000

export function createLists(options: ListsOptions): Lists {
  const { store, maps, clock, log, times = () => ({ keepEndedS: 3_600, retryS: 60 }) } = options
  const stopping = new AbortController()
  let held: HeldLists = new Map()
  const unloaded = new Set<string>()
  let turn: Promise<unknown> = Promise.resolve()
  let isEnding = false
  const wallMinusBootMs = () => clock.nowMs() - clock.bootUs() / 1000
  let clockOffsetMs = wallMinusBootMs()

  const parts = createListParts({ store, signal: stopping.signal })
  const loadedFrom = (lists: HeldLists) => loadedLists(lists, clock)

  /** One change at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(async () => {
      if (stopping.signal.aborted) throw new IdsdError('ERR_STOPPING', 'idsd is stopping')
      return await work()
    })
    turn = mine.catch(() => undefined)
    return mine
  }

  const load = async (lists: HeldLists) => void (await maps.load('confirmed', await loadedFrom(lists)))

  const ended = createEndedLists({ clock, keepMs: () => times().keepEndedS * 1_000 })
  const loadAgain = createLoadAgain({
    ...{ unloaded, log, retryS: () => times().retryS, uptimeMs: () => clock.bootUs() / 1_000 },
    load: () =>
      inTurn(async () => {
        await load(held)
        await tried.reload()
        unloaded.clear()
        tally.trySave()
      }),
  })

  const tally = createListTally({
    ...{ store, maps, clock, log },
    hasEarlier: options.hasEarlier === true,
    // One that is over may come back.
    kept: () => [...held.values(), ...ended.all()],
  })
  const stateOf = (list: Held, counts?: ListCounts): ListState => ({
    ...tally.rowOf(list, counts),
    isLoaded: !unloaded.has(list.row.name),
  })

  /** In the kernel first, then named by the store: what the store refuses is taken back. */
  const swap = async (next: HeldLists, commit: () => void) => {
    await load(next)
    try {
      commit()
    } catch (fault) {
      await load(held)
      throw fault
    }
    held = next
    unloaded.clear()
    tally.trySave()
    await parts.drop()
  }

  const tried = createTriedLists({
    ...{ maps, loadedFrom, inTurn, log },
    confirmed: () => held,
    adopt: (lists) => {
      held = lists
      for (const name of lists.keys()) ended.drop(name)
      unloaded.clear()
    },
    onSettled: async () => {
      try {
        options.onSettled?.()
      } finally {
        tally.trySave()
        await parts.drop()
      }
    },
  })
  const inForce = () => tried.lists ?? held

  const removeNow = async (name: string, dryRun: boolean, tryOut?: TryOut): Promise<ListState> => {
    tried.checkNone()
    const known = held.get(name)
    if (known === undefined) throw new NotFoundError(noSuchList(name, [...held.keys()]))
    const state = stateOf(known)
    if (dryRun) return state
    const next = new Map(held)
    next.delete(name)
    if (tryOut !== undefined) {
      await tried.draft(next, { saved: [], removed: [name] }, tryOut)
      return state
    }
    await swap(next, () => void store.removeList(name))
    tally.forget(known.row.number)
    log.info({ list: name, entries: known.row.entries }, 'a list was taken out')
    return state
  }

  /** Out of force; the store keeps it for a while. */
  const endNow = async (list: Held) => {
    const { name } = list.row
    const next = new Map(held)
    next.delete(name)
    ended.add(list)
    try {
      await swap(next, () => undefined)
    } catch (fault) {
      ended.drop(name)
      throw fault
    }
    log.info({ list: name }, 'an imported list is over')
  }

  const comeBack = async (list: Held) => {
    await swap(new Map(held).set(list.row.name, list), () => undefined)
    ended.drop(list.row.name)
    log.warn({ list: list.row.name }, 'a list that was over is in force again: the wall clock was set back')
  }

  const dropEnded = async ({ row }: Held) => {
    store.removeList(row.name)
    ended.drop(row.name)
    tally.forget(row.number)
    await parts.drop()
  }

  /** Lists to end, to bring back, and to forget. */
  const due = () => {
    const nowMs = clock.nowMs()
    const isOver = ({ row }: Held) => row.expiresAtMs !== 0 && row.expiresAtMs <= nowMs
    const back = ended.early().slice(0, Math.max(0, mostLists - held.size))
    return { over: [...held.values()].filter(isOver), back, gone: ended.due() }
  }

  const onTrial = async (next: HeldLists, row: ListRow, tryOut: TryOut) => {
    try {
      await tried.draft(next, { saved: [row], removed: [] }, tryOut)
    } catch (fault) {
      await parts.drop()
      throw fault
    }
  }

  /** Ends are wall time, and the kernel's are not: after the wall clock was set they are written anew. */
  const followClock = () => {
    const offsetMs = wallMinusBootMs()
    if (Math.abs(offsetMs - clockOffsetMs) <= maxDriftMs) return
    clockOffsetMs = offsetMs
    if (![...held.values(), ...inForce().values()].some(({ row }) => row.expiresAtMs !== 0)) return
    inTurn(async () => {
      // Both as they stand at this moment: what ends a trial meanwhile waits for its turn in the kernel.
      const both = await Promise.allSettled([load(held), tried.reload()])
      tally.trySave()
      for (const one of both) if (one.status === 'rejected') throw one.reason
    }).catch((error: unknown) =>
      log.error({ problem: (error as Error).message }, 'the ends of lists did not follow the wall clock'),
    )
  }

  const lists: Lists = {
    trialChange: tried.trialChange,
    closeTrial: tried.closeTrial,
    settleTrial: tried.settleTrial,
    get isOnTrial() {
      return tried.lists !== undefined
    },
    restore: (change) =>
      inTurn(async () => {
        const stored = new Map<string, Held>()
        const take = (to: Map<string, Held>, row: ListRow, counted: ListRow) => {
          try {
            const { packets, bytes, droppedPackets, lastSeenMs } = counted
            const entries = unpackEntries(store.listBytes(row.version))
            to.set(row.name, { row, entries, base: { packets, bytes, droppedPackets, lastSeenMs } })
          } catch (error) {
            const { message } = error as Error
            log.error({ list: row.name, problem: message }, 'a stored list cannot be read: import it again')
          }
        }
        for (const row of store.listRows()) {
          take(stored, row, row)
        }
        for (const [name, list] of stored) {
          if (list.row.expiresAtMs === 0 || list.row.expiresAtMs > clock.nowMs()) continue
          stored.delete(name)
          ended.add(list)
        }
        held = stored
        let isLoaded = false
        const loadHeld = async () => {
          if (held.size > 0) await load(held)
          isLoaded = true
        }
        try {
          if (change === undefined) await loadHeld()
          else {
            const next = new Map(stored)
            for (const name of change.removed) next.delete(name)
            for (const row of change.saved) take(next, row, stored.get(row.name)?.row ?? row)
            await tried.restore(next, change, loadHeld)
          }
        } catch (error) {
          const names = isLoaded ? (change?.saved ?? []).map(({ name }) => name) : inForce().keys()
          for (const name of names) unloaded.add(name)
          log.error({ problem: (error as Error).message }, 'the imported lists are not in force')
        }
        await parts.drop()
      }),

    import: (order, source) =>
      inTurn(async () => {
        checkName(order.name)
        tried.checkNone()
        order.tryOut?.check()
        const known = held.get(order.name)
        if (known === undefined && held.size >= mostLists)
          throw new ArgumentError('name', `one of the ${mostLists} lists that there are`, `another one`)
        const protections = options.protections(order.callerPeer)
        const job = {
          source,
          protections,
          isForced: order.isForced,
          allows: options.allows(),
          before: known?.entries,
        }
        const prepared = await options.prepare(job, stopping.signal)
        const { entries, packed } = prepared
        const refused = prepared.refused.map(refusedInWords)
        if (countEntries(entries) === 0) {
          if (refused.length === 0) throw new ArgumentError('entries', 'at least one', 'none')
          throw nothingLeft(refused)
        }
        const inForce = known && { ...known.row, entries: known.entries }
        const tooWide = order.isForced ? undefined : tooWideInWords(order, prepared.covered, inForce)
        if (tooWide !== undefined)
          throw new RefusedError(`refused: ${tooWide} (--force overrides)`, [tooWide])
        const nowMs = clock.nowMs()
        const { shortestMs } = prepared
        const ttlMs = order.ttlMs ?? (shortestMs === 0 ? 0 : Math.max(shortestMs, order.leastMs ?? 0))
        const number = order.dryRun ? 0 : (known?.row.number ?? store.reserveListNumber())
        const before = known && stateOf(known)
        const row: ListRow = {
          name: order.name,
          number,
          version: order.dryRun ? 0 : store.reserveListNumber(),
          action: order.action,
          ...(order.limit === undefined ? {} : { limit: order.limit }),
          entries: countEntries(entries),
          source: order.origin,
          reason: order.reason,
          createdAtMs: nowMs,
          createdBy: order.createdBy,
          expiresAtMs: ttlMs === 0 ? 0 : nowMs + ttlMs,
          packets: before?.packets ?? 0,
          bytes: before?.bytes ?? 0,
          droppedPackets: before?.droppedPackets ?? 0,
          lastSeenMs: before?.lastSeenMs ?? 0,
        }
        const base = known?.base ?? { packets: 0, bytes: 0, droppedPackets: 0, lastSeenMs: 0 }
        const next = new Map(held).set(row.name, { row, entries, base })
        if (order.dryRun) maps.check(await loadedFrom(next))
        else {
          try {
            await parts.write(row.version, packed)
          } catch (fault) {
            await parts.drop()
            throw fault
          }
          if (order.tryOut === undefined) {
            await swap(next, () => {
              store.saveList(row)
              ended.drop(row.name)
            })
          } else await onTrial(next, row, order.tryOut)
        }
        if (!order.dryRun && order.tryOut === undefined) {
          const { added, removed, refusedCount, allowed } = prepared
          const what = { list: row.name, from: row.source, entries: row.entries }
          log.info({ ...what, added, removed, refused: refusedCount, allowed }, 'a list was imported')
        }
        return { list: row, before, prepared, refused }
      }),

    remove: (name, dryRun = false, tryOut) => inTurn(() => removeNow(name, dryRun, tryOut)),
    states() {
      const counts = maps.counts()
      const states = [...inForce().values()].map((list) => stateOf(list, counts))
      return states.sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    entries: (name) => inForce().get(name)?.entries,
    holding(target) {
      let counts: ListCounts | undefined
      return [...inForce().values()].flatMap((list) => {
        const [longest] = coveringEntries(list.entries, target)
        if (longest === undefined) return []
        counts ??= maps.counts()
        return [{ list: stateOf(list, counts), entry: entryText(list.entries, longest) }]
      })
    },

    tick() {
      if (isEnding) return
      if (maps.refresh() > 0)
        log.warn({}, 'what the kernel knows of the imported lists was changed, and is put right')
      followClock()
      loadAgain()
      // Of those on trial the kernel keeps the time; the store follows when it is over.
      if (!tried.settleTrial() || tried.lists !== undefined) return
      if (Object.values(due()).every(({ length }) => length === 0)) return
      isEnding = true
      inTurn(async () => {
        if (tried.lists !== undefined) return
        const { over, back, gone } = due()
        for (const list of over) await endNow(list)
        for (const list of back) await comeBack(list)
        for (const list of gone) await dropEnded(list)
      })
        .catch((error: unknown) =>
          log.error({ problem: (error as Error).message }, 'a list that is over did not go'),
        )
        .finally(() => {
          isEnding = false
        })
    },
    saveHits: tally.save,
    settleHits: tally.settle,
    get unloaded() {
      return [...unloaded]
    },
    get kernelBytes() {
      return maps.facts?.bytes ?? 0
    },
    async close() {
      stopping.abort()
      await turn
      await maps.close()
    },
  }
  return lists
}
