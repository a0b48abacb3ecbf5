/** The table of sources that were over the new-flow budget, read through mmap. */

import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { sourceSlot } from './wire.js'

export interface SourceRow {
  /** Where the address and the first destination begin in `view`, 16 bytes each. */
  readonly view: DataView
  readonly addressAt: number
  readonly destinationAt: number
  readonly isManyDestinations: boolean
  readonly packets: number
  readonly syns: number
  /** Estimate from a bitmap of 64 bits; at most 266. */
  readonly distinctPorts: number
  /** CLOCK_MONOTONIC, ms modulo 2^32. */
  readonly firstMs: number
  readonly lastMs: number
}

/**
 * Distinct values that set so many of 64 bits.
 * Source: linear counting, Whang et al., ACM TODS 15(2), 1990.
 */
export function linearCount(bitsSet: number): number {
  return bitsSet >= 64 ? 266 : Math.round(-64 * Math.log(1 - bitsSet / 64))
}

function bitsOf(word: number): number {
  let count = 0
  for (let rest = word; rest !== 0; rest &= rest - 1) count++
  return count
}

/** Rows with at least `minPackets`. The view is live: read it at once. */
export function openSources(binding: Binding, path: DataPath): (minPackets: number) => SourceRow[] {
  const view = new DataView(kernelCall(() => binding.mapMemory(path.fd('sources'))))
  const slots = path.maxEntries('sources')
  const get = sourceSlot.get
  return (minPackets) => {
    const rows: SourceRow[] = []
    for (let slot = 0; slot < slots; slot++) {
      const at = slot * sourceSlot.size
      const packets = get.packets(view, at)
      if (packets < minPackets) continue
      const low = view.getUint32(at + sourceSlot.offset.ports, true)
      const high = view.getUint32(at + sourceSlot.offset.ports + 4, true)
      rows.push({
        view,
        addressAt: at + sourceSlot.offset.address,
        destinationAt: at + sourceSlot.offset.destination,
        isManyDestinations: get.manyDestinations(view, at) !== 0,
        packets,
        syns: get.syns(view, at),
        distinctPorts: linearCount(bitsOf(low) + bitsOf(high)),
        firstMs: get.firstMs(view, at),
        lastMs: get.lastMs(view, at),
      })
    }
    return rows
  }
}
