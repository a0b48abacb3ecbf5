/** Rate limits of block entries: slots of the map `limiters`, which the programs fill and drain. Slot 0 stands for none. */

import { KernelError } from '../errors.js'
import { isInRange, RATES } from '../rate.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { LimitUnit, limiter } from './wire.js'

/** What an entry lets through. */
export interface Limit {
  /** `bits` are those of the IP total length. */
  readonly unit: 'packets' | 'bits'
  /** From 1 to 10^7 packets, or from 1,000 to 10^12 bits. */
  readonly perSecond: number
}

/** Packets at a limit since its entry was made. */
export interface LimitCounts {
  readonly passed: number
  readonly limited: number
}

export interface Limiters {
  /** Writes a limit into a free slot, its counts 0. @returns the slot @throws KernelError ENOSPC when there is none */
  take(limit: Limit): number
  /** Writes another limit into a slot in use; its counts go on. */
  change(slot: number, limit: Limit): void
  /** The slot is free again: no entry may point to it any more. */
  release(slot: number): void
  read(slot: number): (Limit & LimitCounts) | undefined
  readonly usedCount: number
}

/** A limit may let through at once what it would let through in this time; one packet, however long, at least. */
const burstNs = 10_000_000
/** And a packet may come early by half of its share, so that a slow sender's jitter costs it nothing. */
const earlyShare = 0.5
/** Of a packet whose length is not known beforehand. */
export const commonPacketBits = 1_500 * 8
const costScale = 2 ** 20

const takeLimit = 'take a rate limit'

/** Whether it is the rate limits that have no room, not the map of the entry. */
export function isOutOfLimits(fault: unknown): boolean {
  return fault instanceof KernelError && fault.operation === takeLimit
}

/** @throws RangeError when a rate is out of its range */
export function checkLimit(limit: Limit): void {
  const { unit, perSecond } = limit
  const [least, most] = RATES[unit]
  if (!isInRange(limit))
    throw new RangeError(`limit: ${least} to ${most} ${unit} a second were expected, not ${perSecond}`)
}

/** What `struct limiter` says of a limit. */
export interface LimiterWords {
  /** `enum limit_unit`. */
  readonly unit: number
  /** Of one unit, 2^-20 ns. */
  readonly cost: number
  /** How far the bucket may run ahead, ns. */
  readonly burstNs: number
}

/** @throws RangeError when the rate is out of its range */
export function limiterWords(limit: Limit): LimiterWords {
  checkLimit(limit)
  const unitNs = 1e9 / limit.perSecond
  const packetNs = limit.unit === 'bits' ? commonPacketBits * unitNs : unitNs
  return {
    unit: LimitUnit[limit.unit],
    cost: Math.round(unitNs * costScale),
    burstNs: Math.round(Math.max(burstNs, packetNs * earlyShare)),
  }
}

/** The limit that such words were made of. @param cost above 0 */
export function limitOf({ unit, cost }: Pick<LimiterWords, 'unit' | 'cost'>): Limit {
  return {
    unit: unit === LimitUnit.bits ? 'bits' : 'packets',
    perSecond: rounded((1e9 * costScale) / cost),
  }
}

/** @param path whose map `limiters` is meant */
export function openLimiters(binding: Binding, path: Pick<DataPath, 'fd'>): Limiters {
  const memory = kernelCall(() => binding.mapMemory(path.fd('limiters')))
  const view = new DataView(memory)
  const quads = new BigUint64Array(memory)
  const slots = Math.floor(memory.byteLength / limiter.size)
  const free: number[] = []
  const used = new Set<number>()
  /** Slots from here on were never used. */
  let untouched = 1

  const store = (at: number, value: bigint) => Atomics.store(quads, at / 8, value)

  const write = (slot: number, limit: Limit) => {
    const at = slot * limiter.size
    const words = limiterWords(limit)
    limiter.set.unit(view, at, words.unit)
    store(at + limiter.offset.burstNs, BigInt(words.burstNs))
    store(at + limiter.offset.cost, BigInt(words.cost))
  }

  return {
    take(limit) {
      checkLimit(limit)
      const slot = free.pop() ?? (untouched < slots ? untouched++ : 0)
      if (slot === 0) {
        throw new KernelError(
          takeLimit,
          28,
          'ENOSPC',
          `all ${slots - 1} rate limits are in use: raise kernel.limiters`,
        )
      }
      const at = slot * limiter.size
      for (const offset of [limiter.offset.nextNs, limiter.offset.passed, limiter.offset.limited])
        store(at + offset, 0n)
      write(slot, limit)
      used.add(slot)
      return slot
    },
    change: write,
    release(slot) {
      if (used.delete(slot)) free.push(slot)
    },
    read(slot) {
      if (slot <= 0 || slot >= slots) return undefined
      const at = slot * limiter.size
      const cost = limiter.get.cost(view, at)
      if (cost === 0) return undefined
      return {
        ...limitOf({ unit: limiter.get.unit(view, at), cost }),
        passed: limiter.get.passed(view, at),
        limited: limiter.get.limited(view, at),
      }
    },
    get usedCount() {
      return used.size
    },
  }
}

/** A rate that was cut to whole steps of its cost. */
function rounded(perSecond: number): number {
  const whole = Math.round(perSecond)
  return Math.abs(perSecond - whole) < perSecond * 1e-6 ? whole : perSecond
}
