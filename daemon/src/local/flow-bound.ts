/** How many flows captures can hold at most, from the sizes of their files: a small one needs no large table. */

import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** A record header of a classic capture, and an IPv4 packet with four bytes of ICMP; nothing that makes a flow is smaller. */
const leastBytesOfFlow = 16 + 24

/** First bytes of a plain capture, as numbers in either byte order: pcap by micro- and nanoseconds, and pcapng. */
const plain = new Set([0xa1b2c3d4, 0xd4c3b2a1, 0xa1b23c4d, 0x4d3cb2a1, 0x0a0d0d0a])

/** @returns Infinity when nobody can know: standard input, a pipe, a compressed file, a file that cannot be read */
export function flowBound(captures: readonly string[]): number {
  let bound = 0
  for (const capture of captures) {
    const bytes = plainBytes(capture)
    if (bytes === undefined) return Number.POSITIVE_INFINITY
    bound += Math.ceil(bytes / leastBytesOfFlow)
  }
  return bound
}

/** Size of a file that is as large as what it holds. */
function plainBytes(path: string): number | undefined {
  if (path === '-') return undefined
  try {
    const about = statSync(path)
    if (!about.isFile()) return undefined
    const magic = new DataView(new ArrayBuffer(4))
    const fd = openSync(path, 'r')
    try {
      readSync(fd, magic)
    } finally {
      closeSync(fd)
    }
    return plain.has(magic.getUint32(0)) ? about.size : undefined
  } catch {
    // Whoever reads it says what is wrong.
    return undefined
  }
}
