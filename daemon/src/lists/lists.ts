/**
 * The imported lists: in memory, in the store and in the kernel. A list is replaced as a whole: its entries are made
 * ready aside, written beside the old ones, swapped in the kernel, and only then named by the store.
 */

import { ArgumentError, IdsdError, NotFoundError, RefusedError } from '../errors.js'
import type { ListMaps, LoadedList } from '../kernel/list-maps.js'
import { mostLists } from '../kernel/list-maps.js'
import type { Logger } from '../log.js'
import { parseTarget, type Target } from '../policy/address.js'
import { type Protection, refusalText } from '../policy/guards.js'
import type { ListTable } from '../record/list-table.js'
import { countEntries, coveringEntries, entryText, type ListEntries, unpackEntries } from './entries.js'
import type { ListAction, ListChange, ListRow } from './list-row.js'
import { createTriedLists, type Held, type HeldLists, type ListTrial, type TryOut } from './list-trial.js'
import type { Prepared, PrepareJob, RefusedEntry, Source } from './prepare.js'
import { toRanges } from './ranges.js'
import { SHORTEST4, SHORTEST6 } from './spare-entries.js'

/** A list that is to be there from now on. */
export interface ImportOrder {
  readonly name: string
  readonly action: ListAction
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
  /** A trial that was closed is so in the kernel too: `Trial.watch` is due. */
  readonly onSettled?: () => void
}

/** A part of this size is written in some milliseconds. */
const partBytes = 256 * 1024
const partsDropped = 4
/** A wall clock that moved further against the boot clock was set, ms. */
const maxDriftMs = 1_000
/** Of a refusal: they travel in the trailer of an answer. */
const guardsThrown = 20

export function createLists(options: ListsOptions): Lists {
  const { store, maps, clock, log } = options
  const stopping = new AbortController()
  let held: HeldLists = new Map()
  const unloaded = new Set<string>()
  let turn: Promise<unknown> = Promise.resolve()
  let isEnding = false
  const wallMinusBootMs = () => clock.nowMs() - clock.bootUs() / 1000
  let clockOffsetMs = wallMinusBootMs()

  /** One change at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(async () => {
      if (stopping.signal.aborted) throw new IdsdError('ERR_STOPPING', 'idsd is stopping')
      return await work()
    })
    turn = mine.catch(() => undefined)
    return mine
  }

  const breathe = () => new Promise<void>((resolve) => setImmediate(resolve))

  const loadedFrom = async (lists: HeldLists): Promise<LoadedList[]> => {
    const loaded: LoadedList[] = []
    for (const { row, entries } of lists.values()) {
      const leftMs = row.expiresAtMs - clock.nowMs()
      const expiresBootUs =
        row.expiresAtMs === 0 ? 0 : Math.max(1, Math.round(clock.bootUs() + leftMs * 1000))
      const { number, action } = row
      loaded.push({ number, action, expiresBootUs, ...(await toRanges(entries, breathe)) })
    }
    return loaded
  }

  const load = async (lists: HeldLists) => void (await maps.load('confirmed', await loadedFrom(lists)))

  const stateOf = ({ row, base }: Held): ListState => {
    const hits = maps.hits().get(row.number)
    const seenMs =
      hits === undefined || hits.lastSeenBootUs === 0
        ? 0
        : Math.round(clock.nowMs() - (clock.bootUs() - hits.lastSeenBootUs) / 1000)
    return {
      ...row,
      packets: base.packets + (hits?.packets ?? 0),
      bytes: base.bytes + (hits?.bytes ?? 0),
      droppedPackets: base.droppedPackets + (hits?.dropped ?? 0),
      lastSeenMs: Math.max(base.lastSeenMs, seenMs),
      isLoaded: !unloaded.has(row.name),
    }
  }

  const dropParts = async () => {
    while (!stopping.signal.aborted && store.dropListParts(partsDropped) > 0) await breathe()
  }

  const writeParts = async (version: number, packed: Uint8Array) => {
    for (let at = 0, part = 0; at < packed.length; at += partBytes, part++) {
      if (stopping.signal.aborted) throw new IdsdError('ERR_STOPPING', 'idsd is stopping')
      store.saveListPart(version, part, packed.subarray(at, at + partBytes))
      await breathe()
    }
  }

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
    await dropParts()
  }

  const tried = createTriedLists({
    ...{ maps, loadedFrom, inTurn, log },
    confirmed: () => held,
    adopt: (lists) => {
      held = lists
      unloaded.clear()
    },
    onSettled: async () => {
      try {
        options.onSettled?.()
      } finally {
        await dropParts()
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
    maps.forget(known.row.number)
    log.info({ list: name, entries: known.row.entries }, 'a list was taken out')
    return state
  }

  const onTrial = async (next: HeldLists, row: ListRow, tryOut: TryOut) => {
    try {
      await tried.draft(next, { saved: [row], removed: [] }, tryOut)
    } catch (fault) {
      await dropParts()
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
          if (row.expiresAtMs !== 0 && row.expiresAtMs <= clock.nowMs()) {
            store.removeList(row.name)
            continue
          }
          take(stored, row, row)
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
        await dropParts()
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
          const texts = refused.slice(0, guardsThrown).map(({ text }) => text)
          throw new RefusedError(
            `refused: nothing of the list is left: ${texts.slice(0, 3).join('; ')}`,
            texts,
          )
        }
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
        if (!order.dryRun) {
          try {
            await writeParts(row.version, packed)
          } catch (fault) {
            await dropParts()
            throw fault
          }
          const base = known?.base ?? { packets: 0, bytes: 0, droppedPackets: 0, lastSeenMs: 0 }
          const next = new Map(held).set(row.name, { row, entries, base })
          if (order.tryOut === undefined) await swap(next, () => store.saveList(row))
          else await onTrial(next, row, order.tryOut)
        }
        if (!order.dryRun && order.tryOut === undefined) {
          const { added, removed, refusedCount, allowed } = prepared
          const what = { list: row.name, from: row.source, entries: row.entries }
          log.info({ ...what, added, removed, refused: refusedCount, allowed }, 'a list was imported')
        }
        return { list: row, before, prepared, refused }
      }),

    remove: (name, dryRun = false, tryOut) => inTurn(() => removeNow(name, dryRun, tryOut)),
    states: () => [...inForce().values()].map(stateOf).sort((a, b) => (a.name < b.name ? -1 : 1)),
    entries: (name) => inForce().get(name)?.entries,
    holding: (target) =>
      [...inForce().values()].flatMap((list) => {
        const [longest] = coveringEntries(list.entries, target)
        if (longest === undefined) return []
        return [{ list: stateOf(list), entry: entryText(list.entries, longest) }]
      }),

    tick() {
      if (isEnding) return
      if (maps.refresh() > 0)
        log.warn({}, 'what the kernel knows of the imported lists was changed, and is put right')
      followClock()
      // Of those on trial the kernel keeps the time; the store follows when it is over.
      if (!tried.settleTrial() || tried.lists !== undefined) return
      const nowMs = clock.nowMs()
      const isOver = ({ row }: Held) => row.expiresAtMs !== 0 && row.expiresAtMs <= nowMs
      if (![...held.values()].some(isOver)) return
      isEnding = true
      inTurn(async () => {
        if (tried.lists !== undefined) return
        for (const { row } of [...held.values()].filter(isOver)) {
          log.info({ list: row.name }, 'an imported list is over')
          await removeNow(row.name, false)
        }
      })
        .catch((error: unknown) =>
          log.error({ problem: (error as Error).message }, 'a list that is over did not go'),
        )
        .finally(() => {
          isEnding = false
        })
    },
    saveHits() {
      if (held.size > 0) store.saveListHits([...held.values()].map(stateOf))
    },
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

/** An entry that is left out, with why in a sentence. */
export function refusedInWords({ target, protection }: RefusedEntry): { target: string; text: string } {
  if (protection !== undefined)
    return { target, text: refusalText(parseTarget(target, 'target'), protection) }
  const least = target.includes(':') ? SHORTEST6 : SHORTEST4
  return { target, text: `${target} is shorter than /${least}, which no list means` }
}

/** @throws ArgumentError `name` */
function checkName(name: string): void {
  if (/^[a-z0-9][a-z0-9._-]{0,62}$/i.test(name)) return
  throw new ArgumentError(
    'name',
    'a name of 1 to 63 letters, digits, dots, dashes and underscores',
    JSON.stringify(name),
  )
}

export function noSuchList(name: string, names: readonly string[]): string {
  const others = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`
  return `there is no list ${JSON.stringify(name)}: ${others}`
}

/** What lists do to a target: `the list drop drops it, by its entry 192.0.2.0/24`; undefined when none holds it. */
export function listedInWords(holding: readonly ListHolding[]): string | undefined {
  const first = holding.find(({ list }) => list.action === 'drop') ?? holding[0]
  if (first === undefined) return undefined
  const { list, entry } = first
  const more = holding.length > 1 ? `; ${holding.length - 1} more hold it` : ''
  return `the list ${list.name} ${list.action === 'drop' ? 'drops' : 'counts'} it, by its entry ${entry}${more}`
}
