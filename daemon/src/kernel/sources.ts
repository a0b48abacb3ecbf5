/** The table of sources that were over the new-flow budget, read through mmap. */

import { addressText } from '../decode/address-text.js'
import type { SourceSummary } from '../detect/source-summary.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { sourceSlot } from './wire.js'

/**
 * Distinct values that set so many of 64 bits.
 * Source: linear counting, Whang et al., ACM TODS 15(2), 1990.
 */
export function linearCount(bitsSet: number): number {
  return bitsSet >= 64 ? 266 : Math.round(64 * Math.log(64 / (64 - bitsSet)))
}

/** A time so little after the clock was read is now, ms. */
const aheadMs = 60_000

function bitsOf(word: number): number {
  let count = 0
  for (let rest = word; rest !== 0; rest &= rest - 1) count++
  return count
}

/** Reads the sources with at least `minPackets`; what the kernel writes meanwhile may be half old, half new. */
export function openSources(binding: Binding, path: DataPath): (minPackets: number) => SourceSummary[] {
  const view = new DataView(kernelCall(() => binding.mapMemory(path.fd('sources'))))
  const slots = path.maxEntries('sources')
  const { get, offset, size } = sourceSlot
  return (minPackets) => {
    const { monotonicUs, wallUs } = binding.clocks()
    // The kernel keeps 32 bits of milliseconds: the age says which round is meant. It writes on while this reads.
    const wallOf = (ms: number) => {
      const ageMs = (Math.floor(monotonicUs / 1000) - ms) >>> 0
      return Math.round(wallUs - (ageMs > 2 ** 32 - aheadMs ? 0 : ageMs) * 1000)
    }
    const found: SourceSummary[] = []
    for (let at = 0; at < slots * size; at += size) {
      const packets = get.packets(view, at)
      if (packets < minPackets) continue
      const low = view.getUint32(at + offset.ports, true)
      const high = view.getUint32(at + offset.ports + 4, true)
      found.push({
        source: addressText(view, at + offset.address),
        destination: addressText(view, at + offset.destination),
        isManyDestinations: get.manyDestinations(view, at) !== 0,
        packets,
        syns: get.syns(view, at),
        distinctPorts: linearCount(bitsOf(low) + bitsOf(high)),
        firstUs: wallOf(get.firstMs(view, at)),
        lastUs: wallOf(get.lastMs(view, at)),
      })
    }
    return found
  }
}
