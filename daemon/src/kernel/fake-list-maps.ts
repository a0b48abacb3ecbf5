/** For tests: imported lists in memory that behave as the kernel's, with packets to be counted by hand. */

import { addressRange, type Target } from '../policy/address.js'
import { type ListAction, strongestOf } from './list-action.js'
import type { FoundLists, ListGeneration, ListHits, ListMaps, LoadedList } from './list-maps.js'
import { noHits } from './list-table.js'

export interface FakeListMaps extends ListMaps {
  /** What is loaded; without a trial both are the same. */
  readonly loaded: Record<ListGeneration, readonly LoadedList[]>
  /** What the next load and `check` throw. */
  loadFault: Error | undefined
  /** One packet of 100 B from an address at a boot time in us. */
  hit(target: Target, bootUs: number): void
}

function holds({ ranges4, ranges6 }: LoadedList, target: Target): boolean {
  const { first, last } = addressRange(target)
  if (target.family === 4) {
    const [from, to] = [new DataView(first.buffer).getUint32(12), new DataView(last.buffer).getUint32(12)]
    for (let i = 0; i < ranges4.length; i += 2)
      if ((ranges4[i] as number) <= from && to <= (ranges4[i + 1] as number)) return true
    return false
  }
  for (let at = 0; at < ranges6.length; at += 32) {
    if (Buffer.compare(ranges6.subarray(at, at + 16), first) > 0) continue
    if (Buffer.compare(last, ranges6.subarray(at + 16, at + 32)) <= 0) return true
  }
  return false
}

function keepsAllBack(action: ListAction | 'none'): boolean {
  return action === 'drop' || action === 'reject'
}

export function createFakeListMaps(): FakeListMaps {
  const hits = new Map<number, ListHits>()
  let hasTrial = false
  const find = (target: Target): FoundLists => {
    const found = fake.loaded.confirmed.filter((list) => holds(list, target))
    return {
      numbers: found.map(({ number }) => number),
      action: strongestOf(found.map(({ action }) => action)),
    }
  }
  const factsOf = (lists: readonly LoadedList[]) => ({
    bytes: lists.reduce((sum, list) => sum + list.ranges4.length * 4 + list.ranges6.length, 0),
    groups: lists.length,
    ranges4: lists.reduce((sum, list) => sum + list.ranges4.length / 2, 0),
    ranges6: lists.reduce((sum, list) => sum + list.ranges6.length / 32, 0),
  })
  const fake: FakeListMaps = {
    loaded: { confirmed: [], trial: [] },
    loadFault: undefined,
    async load(generation, lists) {
      if (fake.loadFault !== undefined) throw fake.loadFault
      if (generation === 'trial') hasTrial = true
      fake.loaded[generation] = lists
      if (!hasTrial) fake.loaded.trial = lists
      return factsOf(lists)
    },
    check() {
      if (fake.loadFault !== undefined) throw fake.loadFault
    },
    async confirmTrial() {
      if (hasTrial) fake.loaded.confirmed = fake.loaded.trial
      hasTrial = false
    },
    async endTrial() {
      fake.loaded.trial = fake.loaded.confirmed
      hasTrial = false
    },
    hits: () => hits,
    counts: () => ({ hits, readings: [], retired: [] }),
    dropRetired() {},
    forget: (number) => void hits.delete(number),
    find,
    get facts() {
      return fake.loaded.confirmed.length === 0 ? undefined : factsOf(fake.loaded.confirmed)
    },
    refresh: () => 0,
    close: async () => {},
    hit(target, bootUs) {
      const { numbers, action } = find(target)
      for (const list of fake.loaded.confirmed.filter(({ number }) => numbers.includes(number))) {
        const { packets, bytes, dropped } = hits.get(list.number) ?? noHits
        hits.set(list.number, {
          packets: packets + 1,
          bytes: bytes + 100,
          dropped: dropped + (keepsAllBack(action) && list.action !== 'count' ? 1 : 0),
          lastSeenBootUs: bootUs,
        })
      }
    },
  }
  return fake
}
