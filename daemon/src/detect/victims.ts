/** What comes to each destination without an answer, bounded: the least recent leaves first. */

import type { FlowRecord } from '../decode/flow-record.js'
import { createRecentMap } from '../recent-map.js'
import { createDistinct, type Distinct } from './distinct.js'
import { addToMeter, type Meter, type RingShape } from './rate-ring.js'
import type { SourceState } from './source-states.js'
import { MAX_FLOWS } from './text.js'

/** What one source sends to one destination without an answer. */
export interface Pair extends Meter {
  readonly state: SourceState
  /** Number of the flood kind. */
  readonly kind: number
  readonly destination: string
  /** The last flows counted since there is a ring, in a circle. */
  flows: FlowRecord[] | undefined
  counted: number
}

/** What all sources together send to one destination, of one kind. */
export interface Victim extends Meter {
  readonly address: string
  readonly kind: number
  /** Number of the only source of the slot; 0: there were several. */
  onlySource: number
  /** Who sent, since there is a ring and since it fired. */
  sources: Distinct | undefined
  readonly flows: FlowRecord[]
  counted: number
  /** Wall time, ms. */
  firedMs: number
}

export interface Counted {
  readonly fromUs: number
  readonly toUs: number
  readonly packets: number
  readonly flow: FlowRecord | undefined
  /** Number of the source's state. */
  readonly source: number
}

export interface Victims {
  /**
   * @returns -1 while there is no ring; when this opened it, what the same source alone had sent in the slot before;
   * else 0
   */
  count(address: string, kind: number, shape: RingShape, counted: Counted): number
  find(address: string, kind: number): Victim | undefined
  /** Those with a ring. */
  readonly hot: ReadonlySet<Victim>
  /** Forgets the senders and their flows. */
  beginAnew(victim: Victim): void
  /** Takes the ring away. */
  cool(victim: Victim): void
}

const MAX_DESTINATIONS = 65_536
const MAX_HOT = 1_024

export function createVictims(): Victims {
  /** By address; inside by the number of the kind. */
  const byAddress = createRecentMap<string, (Victim | undefined)[]>()
  const hot = new Set<Victim>()
  let newest = ''
  let newestKinds: (Victim | undefined)[] = []

  function kindsOf(address: string): (Victim | undefined)[] {
    if (address === newest) return newestKinds
    let kinds = byAddress.touch(address)
    if (kinds === undefined) {
      kinds = []
      if (byAddress.size >= MAX_DESTINATIONS) dropOldest()
      byAddress.set(address, kinds)
    }
    newest = address
    newestKinds = kinds
    return kinds
  }

  function dropOldest(): void {
    for (const victim of byAddress.dropOldest() ?? []) if (victim !== undefined) hot.delete(victim)
  }

  function beginAnew(victim: Victim): void {
    victim.sources = createDistinct()
    victim.flows.length = 0
    victim.counted = 0
  }

  return {
    hot,
    beginAnew,
    count: (address, kind, shape, { fromUs, toUs, packets, flow, source }) => {
      const kinds = kindsOf(address)
      const victim = kinds[kind] ?? createVictim(address, kind)
      kinds[kind] = victim
      const { slot, count } = victim
      let before = 0
      if (addToMeter(victim, shape, fromUs, toUs, packets, hot.size < MAX_HOT)) {
        hot.add(victim)
        beginAnew(victim)
        if (victim.slot === slot && victim.onlySource === source) before = count
      }
      if (victim.ring === undefined) {
        if (victim.slot !== slot) victim.onlySource = source
        else if (victim.onlySource !== source) victim.onlySource = 0
        return -1
      }
      victim.sources!.add(source)
      if (flow !== undefined) victim.flows[victim.counted++ % MAX_FLOWS] = flow
      return before
    },
    find: (address, kind) => byAddress.get(address)?.[kind],
    cool: (victim) => {
      hot.delete(victim)
      victim.ring = undefined
      victim.sources = undefined
      victim.flows.length = 0
      victim.counted = 0
    },
  }
}

function createVictim(address: string, kind: number): Victim {
  return {
    address,
    kind,
    onlySource: 0,
    slot: 0,
    count: 0,
    ring: undefined,
    sources: undefined,
    flows: [],
    counted: 0,
    firedMs: Number.NEGATIVE_INFINITY,
  }
}
