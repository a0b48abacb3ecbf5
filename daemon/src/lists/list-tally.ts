/** What each imported list met in all: stored, in the tables of now, and in those of daemons before. */

import type { ListCounts, ListHits, ListMaps } from '../kernel/list-maps.js'
import { addHits, noHits } from '../kernel/list-table.js'
import type { EarlierTable } from '../kernel/table-pins.js'
import type { Logger } from '../log.js'
import type { ListTable } from '../record/list-table.js'
import type { ListRow } from './list-row.js'
import type { Held } from './list-trial.js'

export interface ListTally {
  /** The row with what the list met in all. @param counts of this moment; default: read */
  rowOf(list: Held, counts?: Pick<ListCounts, 'hits'>): ListRow
  /** Stores it. Before `settle` nothing is stored. @throws StoreError; then all is kept for the next time */
  save(): void
  /** The same; a fault is told. */
  trySave(): void
  /** Once, where tables of earlier daemons are there: adds what they met beyond what is stored. @throws as `save` */
  settle(earlier: readonly EarlierTable[]): void
  /** Forgets what a list met that is no longer there. */
  forget(number: number): void
}

export interface ListTallyOptions {
  readonly store: Pick<ListTable, 'listReadings' | 'saveListHits'>
  readonly maps: Pick<ListMaps, 'counts' | 'dropRetired' | 'forget'>
  readonly clock: { nowMs(): number; bootUs(): number }
  /** Lists whose hits are stored. */
  readonly kept: () => readonly Held[]
  /** `settle` will be called. */
  readonly hasEarlier: boolean
  readonly log: Logger
}

export function createListTally({ store, maps, clock, kept, hasEarlier, log }: ListTallyOptions): ListTally {
  /** By number of the list: what earlier tables met and the store did not know at the start. */
  const earlierHits = new Map<number, ListHits>()
  /** Earlier tables that are in there, until that is stored. */
  let settled: number[] = []
  /** Earlier tables that are not; undefined until they are known. */
  let unsettled: readonly EarlierTable[] | undefined = hasEarlier ? undefined : []

  const add = (number: number, now: ListHits, before: Pick<ListHits, 'packets' | 'bytes' | 'dropped'>) => {
    if (now.packets <= before.packets) return
    const more = {
      packets: now.packets - before.packets,
      bytes: now.bytes - before.bytes,
      dropped: now.dropped - before.dropped,
      lastSeenBootUs: now.lastSeenBootUs,
    }
    earlierHits.set(number, addHits(earlierHits.get(number) ?? noHits, more))
  }

  /** A table is in with all its lists or not at all. */
  const settleNext = ({ table, hits }: EarlierTable) => {
    const stored = store.listReadings(table)
    if (stored === undefined) return
    settled.push(table)
    for (const [number, now] of hits) add(number, now, stored.get(number) ?? noHits)
  }

  const rowOf = ({ row, base }: Held, counts: Pick<ListCounts, 'hits'> = maps.counts()): ListRow => {
    const hits = addHits(earlierHits.get(row.number) ?? noHits, counts.hits.get(row.number) ?? noHits)
    const seenMs =
      hits.lastSeenBootUs === 0
        ? 0
        : Math.round(clock.nowMs() - (clock.bootUs() - hits.lastSeenBootUs) / 1000)
    return {
      ...row,
      packets: base.packets + hits.packets,
      bytes: base.bytes + hits.bytes,
      droppedPackets: base.droppedPackets + hits.dropped,
      lastSeenMs: Math.max(base.lastSeenMs, seenMs),
    }
  }

  const save = () => {
    if (unsettled === undefined) return
    while (unsettled.length > 0) {
      const [next, ...rest] = unsettled as readonly [EarlierTable, ...EarlierTable[]]
      settleNext(next)
      unsettled = rest
    }
    const counts = maps.counts()
    const done = [...settled, ...counts.retired]
    const lists = kept()
    if (lists.length === 0 && done.length === 0) return
    const numbers = new Set(lists.map(({ row }) => row.number))
    const readings = counts.readings.filter(({ table, list }) => table !== 0 && numbers.has(list))
    store.saveListHits(
      lists.map((list) => rowOf(list, counts)),
      readings,
      done,
    )
    settled = []
    maps.dropRetired(counts.retired)
  }

  return {
    rowOf,
    save,
    trySave() {
      try {
        save()
      } catch (error) {
        log.warn({ problem: (error as Error).message }, 'hits of imported lists are stored later')
      }
    },
    settle(earlier) {
      if (unsettled !== undefined) return
      unsettled = earlier
      save()
    },
    forget(number) {
      maps.forget(number)
      earlierHits.delete(number)
    },
  }
}
