/** Rate limits of block entries: slots of the map `limiters`, which the programs fill and drain. Slot 0 stands for none. */

import { KernelError } from '../errors.js'
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

/**
 * What the programs can count with: the cost of the longest packet has to fit 64 bits, and that of one packet, which is
 * cut to whole ns, to be exact to 1 %.
 */
const rates = { packets: [1, 1e7], bits: [1_000, 1e12] } as const
/** A limit may let through at once what it would let through in this time; one packet, however long, at least. */
const burstNs = 10_000_000
/** And a packet may come early by half of its share, so that a slow sender's jitter costs it nothing. */
const earlyShare = 0.5
/** Of a packet whose length is not known beforehand. */
const commonPacketBits = 1_500 * 8
const costScale = 2 ** 20

const takeLimit = 'take a rate limit'

/** Whether it is the rate limits that have no room, not the map of the entry. */
export function isOutOfLimits(fault: unknown): boolean {
  return fault instanceof KernelError && fault.operation === takeLimit
}

/** @throws RangeError when a rate is out of its range */
export function checkLimit({ unit, perSecond }: Limit): void {
  const [least, most] = rates[unit]
  if (!(perSecond >= least && perSecond <= most))
    throw new RangeError(`limit: ${least} to ${most} ${unit} a second were expected, not ${perSecond}`)
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
    checkLimit(limit)
    const at = slot * limiter.size
    const unitNs = 1e9 / limit.perSecond
    limiter.set.unit(view, at, LimitUnit[limit.unit])
    const packetNs = limit.unit === 'bits' ? commonPacketBits * unitNs : unitNs
    store(at + limiter.offset.burstNs, BigInt(Math.round(Math.max(burstNs, packetNs * earlyShare))))
    store(at + limiter.offset.cost, BigInt(Math.round(unitNs * costScale)))
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
        unit: limiter.get.unit(view, at) === LimitUnit.bits ? 'bits' : 'packets',
        perSecond: rounded((1e9 * costScale) / cost),
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
