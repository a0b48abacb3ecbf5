/** Entries as first and last addresses, as the kernel's table is built from them. Pure. */

import type { ListEntries } from './entries.js'

/** Entries between two breaths: some milliseconds. */
const sliceEntries = 200_000

/** @param breathe lets other work have its turn */
export async function toRanges(
  { networks4, lengths4, networks6, lengths6 }: ListEntries,
  breathe: () => Promise<void>,
): Promise<{ ranges4: Uint32Array; ranges6: Uint8Array }> {
  const ranges4 = new Uint32Array(networks4.length * 2)
  for (let i = 0; i < networks4.length; i++) {
    const network = networks4[i] as number
    const length = lengths4[i] as number
    ranges4[i * 2] = network
    ranges4[i * 2 + 1] = length === 32 ? network : network | (0xffff_ffff >>> length)
    if (i % sliceEntries === sliceEntries - 1) await breathe()
  }
  const ranges6 = new Uint8Array(lengths6.length * 32)
  for (let i = 0; i < lengths6.length; i++) {
    const network = networks6.subarray(i * 16, i * 16 + 16)
    ranges6.set(network, i * 32)
    ranges6.set(network, i * 32 + 16)
    for (let bit = lengths6[i] as number; bit < 128; bit++)
      ranges6[i * 32 + 16 + (bit >> 3)]! |= 0x80 >> (bit & 7)
    if (i % (sliceEntries / 10) === sliceEntries / 10 - 1) await breathe()
  }
  return { ranges4, ranges6 }
}
