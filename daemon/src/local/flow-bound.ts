/** How many flows captures can hold at most, from the sizes of their files: a small one needs no large table. */

import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** A record header of a classic capture, and an IPv4 packet with a UDP header; nothing that makes a flow is smaller. */
const leastBytesOfFlow = 16 + 28

const compressed = [
  [0x1f, 0x8b],
  [0x28, 0xb5, 0x2f, 0xfd],
] as const

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
    const magic = new Uint8Array(4)
    const fd = openSync(path, 'r')
    try {
      readSync(fd, magic)
    } finally {
      closeSync(fd)
    }
    const isCompressed = compressed.some((bytes) => bytes.every((byte, i) => magic[i] === byte))
    return isCompressed ? undefined : about.size
  } catch {
    // Whoever reads it says what is wrong.
    return undefined
  }
}
