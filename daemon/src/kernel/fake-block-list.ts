/** For tests: a blocklist in memory that behaves as the kernel's, with packets to be counted by hand. */

import { KernelError } from '../errors.js'
import { parseTarget, type Target } from '../policy/address.js'
import type { BlockList, Generations, KernelEntry, KernelHits } from './block-list.js'

export interface FakeBlockList extends BlockList {
  readonly entries: Map<string, KernelEntry & KernelHits>
  /** Numbers of the allow entries. */
  readonly allowed: Map<string, number>
  /** Of the allow entries that are not in both. */
  readonly generations: Map<string, Generations>
  /** Blocks that find room. */
  capacity: number
  /** Entries that find a rate limit. */
  limits: number
  /** Targets whose writes and removals fail. */
  readonly broken: Set<string>
  /** What somebody else put in. */
  readonly strays: string[]
  /** One packet of 100 B at a boot time in us. */
  hit(text: string, bootUs: number): void
}

export function createFakeBlockList(): FakeBlockList {
  const entries = new Map<string, KernelEntry & KernelHits>()
  const allowed = new Map<string, number>()
  const generations = new Map<string, Generations>()
  const broken = new Set<string>()
  const count = (isPrefix: boolean) =>
    [...entries.keys()].filter((text) => parseTarget(text, 'target').isPrefix === isPrefix).length
  const check = ({ text }: Target) => {
    if (broken.has(text)) throw new KernelError('update map', 5, 'EIO')
  }
  const list: FakeBlockList = {
    entries,
    allowed,
    generations,
    broken,
    strays: [],
    capacity: Number.POSITIVE_INFINITY,
    limits: Number.POSITIVE_INFINITY,
    set(target, entry) {
      check(target)
      const before = entries.get(target.text)
      if (before === undefined && entries.size >= list.capacity)
        throw new KernelError('update map prefixes4', 28, 'ENOSPC')
      const limited = [...entries.values()].filter(({ limit }) => limit !== undefined).length
      if (entry.limit !== undefined && before?.limit === undefined && limited >= list.limits)
        throw new KernelError('take a rate limit', 28, 'ENOSPC')
      const { packets = 0, bytes = 0, lastSeenBootUs = 0 } = before ?? {}
      entries.set(target.text, { ...entry, packets, bytes, lastSeenBootUs })
    },
    setMany(items) {
      for (const [target, entry] of items) list.set(target, entry)
    },
    remove(target) {
      check(target)
      return entries.delete(target.text)
    },
    get: (target) => entries.get(target.text),
    allow(target, number, given = { confirmed: true, trial: true }) {
      check(target)
      allowed.set(target.text, number)
      if (given.confirmed && given.trial) generations.delete(target.text)
      else generations.set(target.text, given)
    },
    disallow(target) {
      generations.delete(target.text)
      return allowed.delete(target.text)
    },
    isAllowLoaded: (target) => allowed.has(target.text),
    refresh: () => 0,
    removeStrays: () => list.strays.splice(0),
    hit(text, bootUs) {
      const entry = entries.get(text) as KernelEntry & KernelHits
      const { packets, bytes } = entry
      entries.set(text, { ...entry, packets: packets + 1, bytes: bytes + 100, lastSeenBootUs: bootUs })
    },
    get exactCount() {
      return count(false)
    },
    get prefixCount() {
      return count(true)
    },
    get allowCount() {
      return allowed.size
    },
    overflowCount: 0,
    limiterCount: 0,
  }
  return list
}
