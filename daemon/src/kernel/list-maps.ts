/**
 * What the imported lists hold, in the kernel. All lists of a generation are one table: ranges of addresses, each with
 * the set of lists that cover it. The table is built aside and swapped in whole, so a packet meets the old lists or the
 * new ones, never a part.
 */

import { randomInt } from 'node:crypto'
import { IdsdError, KernelError } from '../errors.js'
import type { Target } from '../policy/address.js'
import { type Binding, kernelAnswer, kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { checkLimit, type Limit, limiterWords } from './limiters.js'
import { byStrictness, type ListDoing } from './list-action.js'
import { checkMemory, memAvailable } from './list-memory.js'
import { isTrialInForce, type LoadedTable, openSlot, openTable, slots } from './list-slots.js'
import { addHits, type ListTable, noHits } from './list-table.js'
import { actionOf, type ListedAction } from './listed-fate.js'
import type { TablePins } from './table-pins.js'
import { BlockAction, Listed, settings } from './wire.js'

/** Lists that a table has room for. */
export const mostLists = 64

/** Which one of the two tables: the one in force, or the one on trial while `settings.trialUntilNs` lies ahead. */
export type ListGeneration = 'confirmed' | 'trial'

/** One list as the kernel takes it. Its arrays are not changed while a load runs. */
export interface LoadedList extends ListDoing {
  /** Number of the list's decision: above 0, another one for each list. */
  readonly number: number
  /** CLOCK_BOOTTIME when the list ends in the kernel by itself, us; 0 = never. */
  readonly expiresBootUs: number
  /**
   * First and last address of each IPv4 range, one after the other: 192.0.2.1 is 0xc0000201. Ranges may overlap and come
   * in any order; a first above its last is a fault.
   */
  readonly ranges4: Uint32Array
  /** The same for IPv6: 16 bytes for the first and 16 for the last address of each range, network order. */
  readonly ranges6: Uint8Array
}

/** Hits of one list since the list maps were opened. A packet that several lists hold counts for each. */
export interface ListHits {
  /**
   * Packets that the list held, that no allow entry covered, and that some list did something to: where all drop SYNs, the
   * SYNs.
   */
  readonly packets: number
  /** Frame bytes of these. */
  readonly bytes: number
  /** Packets among them that were kept back; 0 for a list that only counts. */
  readonly dropped: number
  /** CLOCK_BOOTTIME, us; 0 = never. */
  readonly lastSeenBootUs: number
}

/** What one table has counted of one list. */
export interface TableReading {
  /** Number of the table; see LoadedTable. */
  readonly table: number
  readonly list: number
  readonly packets: number
  readonly bytes: number
  readonly dropped: number
}

/** Hits at one moment. */
export interface ListCounts {
  /** By number of the list: those that are loaded, and those that were. */
  readonly hits: ReadonlyMap<number, ListHits>
  /** The part of each table that is loaded. */
  readonly readings: readonly TableReading[]
  /** Tables that are loaded no longer and are in `hits` to their end; their pins are still there. */
  readonly retired: readonly number[]
}

/** Size of a table. */
export interface ListTableFacts {
  /** Kernel memory, bytes. */
  readonly bytes: number
  /** Sets of lists that occur. */
  readonly groups: number
  /** Ranges that are left when those of all lists are laid over each other. */
  readonly ranges4: number
  readonly ranges6: number
}

/** The lists that hold all of an address or prefix, by number, and what they do to its packets at this moment. */
export interface FoundLists {
  readonly numbers: readonly number[]
  readonly action: ListedAction
}

export interface ListMaps {
  /**
   * Replaces all lists of a generation at once; an empty array takes them out. What stays listed is dropped without a
   * gap. Without a trial, `confirmed` is what both generations hold. One load runs at a time, the others wait.
   * A limit's bucket begins anew.
   * @throws IdsdError `ERR_LISTS` for more than 64 lists or 65,535 sets of lists, a range that ends before it begins, a
   * rate that no limit can have, or when memory lacks, with the numbers; KernelError. Then the old lists stay.
   */
  load(generation: ListGeneration, lists: readonly LoadedList[]): Promise<ListTableFacts>
  /** Changes nothing. @throws IdsdError `ERR_LISTS` where `load` would: all that can be told beforehand */
  check(lists: readonly LoadedList[]): void
  /** The generation on trial becomes the confirmed one. Without one nothing happens. */
  confirmTrial(): Promise<void>
  /** The generation on trial is given up: both hold the confirmed lists. */
  endTrial(): Promise<void>
  /** By number of the list: those that are loaded, and those that were. */
  hits(): ReadonlyMap<number, ListHits>
  /** The same with what each table has of it, to be stored together. */
  counts(): ListCounts
  /** The hits of these retired tables are stored. */
  dropRetired(tables: readonly number[]): void
  /** Forgets the hits of a list that is no longer loaded. */
  forget(number: number): void
  /** In the generation in force. */
  find(target: Target): FoundLists
  /** Of the confirmed generation; undefined while there are no lists. */
  readonly facts: ListTableFacts | undefined
  /** Writes again what the block stage needs to know, as it is after somebody else changed it. @returns what was wrong: 0 or 1 */
  refresh(): number
  /** Waits for a load that runs and lets go; what is loaded stays in force. */
  close(): Promise<void>
}

export interface ListMapsOptions {
  readonly binding: Binding
  readonly path: Pick<DataPath, 'fd'>
  /** Default: tables are not pinned. */
  readonly pins?: TablePins
  /** Memory that may be taken, bytes. Default: MemAvailable of /proc/meminfo. */
  readonly availableBytes?: () => number
}

interface Generations {
  confirmed: LoadedTable | undefined
  trial: LoadedTable | undefined
  /** The trial's are of their own, if only none. */
  hasTrial: boolean
}

/** @throws KernelError */
export function openListMaps(options: ListMapsOptions): ListMaps {
  const { binding, path, pins, availableBytes = memAvailable } = options
  const outer = path.fd('listed')
  const words = new DataView(kernelCall(() => binding.mapMemory(path.fd('settings'))))
  const current: Generations = { confirmed: undefined, trial: undefined, hasTrial: false }
  const loaded = () => [...new Set([current.confirmed, current.trial])].filter((one) => one !== undefined)
  const tables = () => loaded().map(({ table }) => table)
  /** Numbers of tables whose hits are in `totals`, and that are pinned still. */
  const retired = new Set<number>()
  /** Hits in tables that are gone. */
  const totals = new Map<number, ListHits>()
  let last: Promise<unknown> = Promise.resolve()

  /** What the programs have to look at of a table that is about to be swapped in; at first of what an earlier idsd left. */
  let opening = settings.get.lists(words, 0) & (Listed.ipv4 | Listed.ipv6 | Listed.reject)

  const bits = () => stagesOf(current.confirmed) | stagesOf(current.trial) | opening | trialBit()
  const trialBit = () => (current.hasTrial ? Listed.trial : 0)
  const publish = () => settings.set.lists(words, 0, bits())
  const inForce = () => (isTrialInForce(binding, words) ? current.trial : current.confirmed)

  const addTotals = (table: ListTable) => {
    for (const [number, hits] of table.hits()) {
      if (hits.packets > 0) totals.set(number, addHits(totals.get(number) ?? noHits, hits))
    }
  }

  const counts = (): ListCounts => {
    const hits = new Map(totals)
    const readings: TableReading[] = []
    for (const { table, number } of loaded()) {
      for (const [list, one] of table.hits()) {
        const { packets, bytes, dropped } = one
        hits.set(list, addHits(hits.get(list) ?? noHits, one))
        readings.push({ table: number, list, packets, bytes, dropped })
      }
    }
    return { hits, readings, retired: [...retired] }
  }

  /** Done when no program looks at what was in the slot before. */
  const swap = (generation: ListGeneration, next: LoadedTable | undefined) =>
    kernelAnswer(() => binding.swapInner(outer, [slots[generation]], next?.fd ?? -1))

  /** The hits of a table that no program looks at any longer are its last. */
  const retire = (old: LoadedTable | undefined) => {
    if (old === undefined || old === current.confirmed || old === current.trial) return
    addTotals(old.table)
    pins?.release(old.number)
    if (pins !== undefined && old.number !== 0) retired.add(old.number)
    binding.closeFd(old.fd)
  }

  /** The stage is opened before the swap and closed after it, so that nothing that stays listed passes between. */
  const put = async (generation: ListGeneration, next: LoadedTable | undefined) => {
    const old = current[generation]
    const before = opening
    opening |= stagesOf(next)
    publish()
    try {
      await swap(generation, next)
    } catch (error) {
      opening = before
      publish()
      throw error
    }
    opening = 0
    if (generation === 'trial') current.hasTrial = true
    current[generation] = next
    publish()
    retire(old)
  }

  /** From here on the confirmed lists stand for both generations. */
  const dropTrial = async () => {
    const old = current.trial
    current.hasTrial = false
    publish()
    await swap('trial', undefined)
    current.trial = undefined
    publish()
    retire(old)
  }

  const build = async (lists: readonly LoadedList[]): Promise<LoadedTable> => {
    const { fd } = await kernelAnswer(() =>
      binding.buildListTable(
        [...lists].sort(byStrictness).map(({ number, action, limit, expiresBootUs, ranges4, ranges6 }) => ({
          decision: number,
          action: BlockAction[action],
          ...(limit === undefined ? {} : { limiter: limiterWords(limit) }),
          ...{ expiresBootUs, ranges4, ranges6 },
        })),
      ),
    ).catch(asListFault)
    try {
      const next = { fd, number: randomInt(1, 2 ** 48 - 1), table: openTable(binding, fd) }
      pins?.add(next.number, fd)
      return next
    } catch (error) {
      binding.closeFd(fd)
      throw error
    }
  }

  const checkRoom = (lists: readonly LoadedList[]) => {
    check(lists)
    checkMemory(lists, availableBytes())
  }

  const load = async (generation: ListGeneration, lists: readonly LoadedList[]): Promise<ListTableFacts> => {
    checkRoom(lists)
    const next = lists.length === 0 ? undefined : await build(lists)
    try {
      await put(generation, next)
    } catch (error) {
      if (next !== undefined) {
        pins?.remove(next.number)
        binding.closeFd(next.fd)
      }
      throw error
    }
    return factsOf(next) ?? { bytes: 0, groups: 0, ranges4: 0, ranges6: 0 }
  }

  /** One after the other: the tables of a load that failed are no business of the next. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  current.hasTrial = (settings.get.lists(words, 0) & Listed.trial) !== 0
  current.confirmed = openSlot(binding, outer, 'confirmed')
  if (current.hasTrial) current.trial = openSlot(binding, outer, 'trial')
  // Hits from before are whoever's that was there.
  for (const table of tables()) {
    for (const [number, { packets, bytes, dropped }] of table.hits()) {
      const before = { packets: -packets, bytes: -bytes, dropped: -dropped, lastSeenBootUs: 0 }
      totals.set(number, addHits(totals.get(number) ?? noHits, before))
    }
  }
  return {
    load: (generation, lists) => inTurn(() => load(generation, lists)),
    check: checkRoom,
    confirmTrial: () =>
      inTurn(async () => {
        if (!current.hasTrial) return
        await put('confirmed', current.trial)
        await dropTrial()
      }),
    endTrial: () =>
      inTurn(async () => {
        if (current.hasTrial) await dropTrial()
      }),
    hits: () => counts().hits,
    counts,
    dropRetired(done) {
      for (const table of done) {
        if (retired.delete(table)) pins?.remove(table)
      }
    },
    forget: (number) => void totals.delete(number),
    find(target) {
      const found = inForce()?.table.find(target) ?? []
      const { bootUs } = binding.clocks()
      return { numbers: found.map(({ number }) => number), action: actionOf(found, bootUs) }
    },
    get facts() {
      return factsOf(current.confirmed)
    },
    refresh() {
      const isRight = settings.get.lists(words, 0) === bits()
      publish()
      return isRight ? 0 : 1
    },
    close: () =>
      inTurn(async () => {
        for (const table of tables()) addTotals(table)
        for (const { fd, number } of loaded()) {
          pins?.release(number)
          binding.closeFd(fd)
        }
        current.confirmed = undefined
        current.trial = undefined
      }),
  }
}

/** Bits of `settings.lists`: which stages a table is for. */
function stagesOf(loaded: LoadedTable | undefined): number {
  if (loaded === undefined) return 0
  const { ranges4, ranges6, lists } = loaded.table
  const rejects = lists.some(({ action }) => action === 'reject')
  return (ranges4 > 0 ? Listed.ipv4 : 0) | (ranges6 > 0 ? Listed.ipv6 : 0) | (rejects ? Listed.reject : 0)
}

function factsOf(loaded: LoadedTable | undefined): ListTableFacts | undefined {
  if (loaded === undefined) return undefined
  const { bytes, groups, ranges4, ranges6 } = loaded.table
  return { bytes, groups, ranges4, ranges6 }
}

/** What the lists are at fault for. */
function asListFault(error: unknown): never {
  if (error instanceof KernelError && error.operation === 'lay lists over each other')
    throw new IdsdError('ERR_LISTS', error.message, { cause: error })
  throw error
}

function check(lists: readonly LoadedList[]): void {
  if (lists.length > mostLists)
    throw new IdsdError('ERR_LISTS', `${lists.length} lists: the kernel has room for ${mostLists}`)
  if (new Set(lists.map(({ number }) => number)).size < lists.length)
    throw new IdsdError('ERR_LISTS', 'two lists have the same number')
  for (const { limit } of lists) if (limit !== undefined) checkRate(limit)
}

function checkRate(limit: Limit): void {
  try {
    checkLimit(limit)
  } catch (error) {
    throw new IdsdError('ERR_LISTS', (error as Error).message, { cause: error })
  }
}
