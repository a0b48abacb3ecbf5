/**
 * Reads a table of imported lists as the programs do: which lists hold an address or prefix. Needs nothing but the
 * table, so it works on the pins of a daemon that is dead.
 */

import { IdsdError } from '../errors.js'
import { addressRange, type Target } from '../policy/address.js'
import { limitOf } from './limiters.js'
import { type ListAction, type ListDoing, listActions } from './list-action.js'
import type { ListHits } from './list-maps.js'
import {
  BlockAction,
  listedBounds4,
  listedBounds6,
  listedGroup,
  listedHeader,
  listedHits,
  listedList,
  listedRoot,
  wireVersion,
} from './wire.js'

/** Bytes of a line, and of everything that a table is made of. */
const lineBytes = listedHeader.size
const rootsPerLine = lineBytes / listedRoot.size
const ways4 = 16
const ways6 = 3
/** A prefix is followed through so many ranges: one that is cut into more is held by no list as a whole, most likely. */
const mostRanges = 4096
/** A set with every list in it. */
const everyList = 0xffff_ffff_ffff_ffffn

/** One list as a table holds it. */
export interface TableList extends ListDoing {
  /** Decision number. */
  readonly number: number
  /** CLOCK_BOOTTIME, us; 0 = never. */
  readonly expiresBootUs: number
}

export interface ListTable {
  readonly lists: readonly TableList[]
  /** Kernel memory, bytes. */
  readonly bytes: number
  /** Sets of lists that occur. */
  readonly groups: number
  /** Ranges that some list holds. */
  readonly ranges4: number
  readonly ranges6: number
  /** Lists that hold all of an address or prefix. */
  find(target: Target): readonly TableList[]
  /** By number of the list. */
  hits(): ReadonlyMap<number, ListHits>
}

/** Group that covers an address, and the last address for which it does. */
interface Covered {
  readonly group: number
  readonly last: bigint
}

/**
 * @param read gives so many lines from the first on
 * @throws IdsdError `ERR_WIRE` when another version of idsd made the table
 */
export function openListTable(read: (first: number, count: number) => Uint8Array): ListTable {
  const view = (first: number, count: number) => {
    const bytes = read(first, count)
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }
  const head = view(0, 1)
  if (listedHeader.get.version(head, 0) !== wireVersion) {
    throw new IdsdError('ERR_WIRE', 'the lists in the kernel were put there by another version of idsd')
  }
  const header = {
    lists: listedHeader.get.lists(head, 0),
    listCount: listedHeader.get.listCount(head, 0),
    groups: listedHeader.get.groups(head, 0),
    groupCount: listedHeader.get.groupCount(head, 0),
    hits: listedHeader.get.hits(head, 0),
    stripes: listedHeader.get.stripes(head, 0),
    bits4: listedHeader.get.bits4(head, 0),
    root4: listedHeader.get.root4(head, 0),
    bounds4: listedHeader.get.bounds4(head, 0),
    bounds6: listedHeader.get.bounds6(head, 0),
    lines6: listedHeader.get.lines6(head, 0),
  }
  const listView = view(header.lists, header.listCount)
  const lists = Array.from({ length: header.listCount }, (_unused, i): TableList => {
    const at = i * lineBytes
    const action = actionOf(listedList.get.action(listView, at))
    const cost = listedList.get.limiterCost(listView, at)
    const limit = action === 'limit' && cost > 0 && { unit: listedList.get.limiterUnit(listView, at), cost }
    return {
      number: listedList.get.decision(listView, at),
      action,
      ...(limit ? { limit: limitOf(limit) } : {}),
      expiresBootUs: Math.round(listedList.get.expiresNs(listView, at) / 1000),
    }
  })
  /** A bit for each list. Read when first needed, then constant. */
  let sets: BigUint64Array | undefined
  const setOf = (group: number): bigint => {
    if (sets === undefined) {
      const groups = view(header.groups, header.groupCount)
      sets = BigUint64Array.from({ length: header.groupCount }, (_unused, i) =>
        groups.getBigUint64(i * lineBytes + listedGroup.offset.lists, true),
      )
    }
    return sets[group] ?? 0n
  }
  const listsOf = (set: bigint) => lists.filter((_list, i) => (set >> BigInt(i)) & 1n)

  /** The last of `count` lines that does not begin above the address. */
  const search = (first: number, count: number, isNotAbove: (line: DataView) => boolean): number => {
    let at = first
    for (let left = count; left > 1; ) {
      const half = left >> 1
      if (isNotAbove(view(at + half, 1))) {
        at += half
        left -= half
      } else left = half
    }
    return at
  }

  const cover4 = (address: number): Covered => {
    if (header.bits4 === 0) return { group: 0, last: 0xffff_ffffn }
    const root = view(header.root4 + (address >>> 19), 1)
    const at = ((address >>> 16) & (rootsPerLine - 1)) * listedRoot.size
    const block = BigInt(address >>> 16) << 16n
    const lines = listedRoot.get.lines(root, at)
    if (lines === 0) return { group: listedRoot.get.group(root, at), last: block + 0xffffn }
    const low = address & 0xffff
    const first = header.bounds4 + listedRoot.get.line(root, at)
    const { starts, groups } = listedBounds4.get
    const index = search(first, lines, (line) => starts(line, 0, 0) <= low)
    const line = view(index, 1)
    let way = 0
    while (way + 1 < ways4 && starts(line, 0, way + 1) <= low) way++
    let next = 0x10000
    if (way + 1 < ways4) next = starts(line, 0, way + 1)
    else if (index + 1 < first + lines) next = starts(view(index + 1, 1), 0, 0)
    return { group: groups(line, 0, way), last: block + BigInt(next) - 1n }
  }

  const start6 = (line: DataView, way: number): bigint =>
    (line.getBigUint64(listedBounds6.offset.high + way * 8, true) << 64n) |
    line.getBigUint64(listedBounds6.offset.low + way * 8, true)

  const cover6 = (address: bigint): Covered => {
    const whole = (1n << 128n) - 1n
    if (header.lines6 === 0) return { group: 0, last: whole }
    const index = search(header.bounds6, header.lines6, (line) => start6(line, 0) <= address)
    const line = view(index, 1)
    let way = 0
    while (way + 1 < ways6 && start6(line, way + 1) <= address) way++
    let last = whole
    if (way + 1 < ways6) last = start6(line, way + 1) - 1n
    else if (index + 1 < header.bounds6 + header.lines6) last = start6(view(index + 1, 1), 0) - 1n
    return { group: listedBounds6.get.groups(line, 0, way), last }
  }

  return {
    lists,
    bytes: listedHeader.get.lines(head, 0) * lineBytes,
    groups: header.groupCount - 1,
    ranges4: listedHeader.get.ranges4(head, 0),
    ranges6: listedHeader.get.ranges6(head, 0),
    find(target) {
      const range = addressRange(target)
      const mapped = target.family === 4 ? 0xffff_0000_0000n : 0n
      const last = toNumber(range.last) - mapped
      let set = everyList
      let at = toNumber(range.first) - mapped
      for (let i = 0; at <= last && set !== 0n; i++) {
        if (i === mostRanges) return []
        const covered = target.family === 4 ? cover4(Number(at)) : cover6(at)
        set &= setOf(covered.group)
        at = covered.last + 1n
      }
      return listsOf(set)
    },
    hits() {
      const found = new Map<number, ListHits>(lists.map(({ number }) => [number, noHits]))
      const all = view(header.hits, header.groupCount * header.stripes)
      for (let group = 1; group < header.groupCount; group++) {
        const sum = sumOf(all, group * header.stripes, header.stripes)
        if (sum.packets === 0) continue
        for (const { number, action } of listsOf(setOf(group))) {
          const before = found.get(number) as ListHits
          found.set(number, addHits(before, action === 'count' ? { ...sum, dropped: 0 } : sum))
        }
      }
      return found
    },
  }
}

/** What no idsd writes counts. */
function actionOf(word: number): ListAction {
  return listActions.find((action) => BlockAction[action] === word) ?? 'count'
}

/** What a list without a hit has. */
export const noHits: ListHits = { packets: 0, bytes: 0, dropped: 0, lastSeenBootUs: 0 }

/** Both together. */
export function addHits(a: ListHits, b: ListHits): ListHits {
  return {
    packets: a.packets + b.packets,
    bytes: a.bytes + b.bytes,
    dropped: a.dropped + b.dropped,
    lastSeenBootUs: Math.max(a.lastSeenBootUs, b.lastSeenBootUs),
  }
}

function sumOf(view: DataView, first: number, count: number): ListHits {
  let sum = noHits
  for (let line = first; line < first + count; line++) {
    const at = line * lineBytes
    const packets = listedHits.get.packets(view, at)
    if (packets === 0) continue
    sum = addHits(sum, {
      packets,
      bytes: listedHits.get.bytes(view, at),
      dropped: listedHits.get.dropped(view, at),
      lastSeenBootUs: Math.round(listedHits.get.lastSeenNs(view, at) / 1000),
    })
  }
  return sum
}

/** 16 bytes in network order. */
function toNumber(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8)
}
