/** Takes entries in any order and makes them the sorted arrays of a list, each once. Pure. */

import { IdsdError } from '../errors.js'
import { compareBytes, type ListEntries, MAX_ENTRIES, PACKED4_BYTES, PACKED6_BYTES } from './entries.js'

/** What is added past `MAX_ENTRIES` throws IdsdError `ERR_LIST`. */
export interface EntryBuilder {
  /** @param network host order, no bit set after `length` */
  add4(network: number, length: number, line: number): void
  /** @param network 16 bytes, copied; no bit set after `length` */
  add6(network: Uint8Array, length: number, line: number): void
  /** How many were added, doubles too. */
  readonly count: number
  /** Packed as they came: `PACKED4_BYTES` or `PACKED6_BYTES` each. */
  packed(): { readonly packed4: Uint8Array; readonly packed6: Uint8Array }
  /** Lines on which the entries of a family stand, in the order they came. */
  lines(family: 4 | 6): Uint32Array
}

interface Column {
  bytes: Uint8Array
  lines: Uint32Array
  count: number
}

const firstRoom = 1_024

/** @param maxEntries doubles count too */
export function createEntryBuilder(maxEntries = MAX_ENTRIES): EntryBuilder {
  const column = (width: number): Column => ({
    bytes: new Uint8Array(firstRoom * width),
    lines: new Uint32Array(firstRoom),
    count: 0,
  })
  const [four, six] = [column(PACKED4_BYTES), column(PACKED6_BYTES)]

  /** Place of the next entry in `bytes`. */
  const place = (to: Column, width: number, line: number): number => {
    if (four.count + six.count >= maxEntries)
      throw new IdsdError('ERR_LIST', `line ${line}: a list has at most ${maxEntries} entries`)
    if (to.count === to.lines.length) {
      const [bytes, lines] = [new Uint8Array(to.bytes.length * 2), new Uint32Array(to.lines.length * 2)]
      bytes.set(to.bytes)
      lines.set(to.lines)
      to.bytes = bytes
      to.lines = lines
    }
    to.lines[to.count] = line
    return to.count++ * width
  }

  return {
    add4(network, length, line) {
      const at = place(four, PACKED4_BYTES, line)
      four.bytes[at] = network >>> 24
      four.bytes[at + 1] = network >>> 16
      four.bytes[at + 2] = network >>> 8
      four.bytes[at + 3] = network
      four.bytes[at + 4] = length
    },
    add6(network, length, line) {
      const at = place(six, PACKED6_BYTES, line)
      six.bytes.set(network, at)
      six.bytes[at + 16] = length
    },
    get count() {
      return four.count + six.count
    },
    packed: () => ({
      packed4: four.bytes.subarray(0, four.count * PACKED4_BYTES),
      packed6: six.bytes.subarray(0, six.count * PACKED6_BYTES),
    }),
    lines: (family) => {
      const { lines, count } = family === 4 ? four : six
      return lines.subarray(0, count)
    },
  }
}

/**
 * Packed entries as sorted arrays in shared memory, each once.
 * @throws IdsdError `ERR_LIST` when bytes are missing, a length is too long or a bit is set after it
 */
export function sortEntries(packed4: Uint8Array, packed6: Uint8Array): ListEntries {
  return { ...sort4(packed4), ...sort6(packed6) }
}

/** A length has six bits and may be 32: the sum stays far below 2^53. */
const lengthRoom = 64

function sort4(packed: Uint8Array): Pick<ListEntries, 'networks4' | 'lengths4'> {
  const count = packed.length / PACKED4_BYTES
  if (!Number.isInteger(count)) throw new IdsdError('ERR_LIST', 'an IPv4 entry is not whole')
  const keys = new Float64Array(count)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length)
  let isSorted = true
  for (let i = 0; i < count; i++) {
    const network = view.getUint32(i * PACKED4_BYTES)
    const length = packed[i * PACKED4_BYTES + 4] as number
    const rest = length >= 32 ? 0 : 0xffff_ffff >>> length
    if (length > 32 || (network & rest) !== 0)
      throw new IdsdError('ERR_LIST', `IPv4 entry ${i} is no network`)
    keys[i] = network * lengthRoom + length
    if (i > 0 && (keys[i] as number) <= (keys[i - 1] as number)) isSorted = false
  }
  if (!isSorted) keys.sort()
  let kept = 0
  for (let i = 0; i < count; i++) if (i === 0 || keys[i] !== keys[i - 1]) keys[kept++] = keys[i] as number
  const networks4 = new Uint32Array(new SharedArrayBuffer(kept * 4))
  const lengths4 = new Uint8Array(new SharedArrayBuffer(kept))
  for (let i = 0; i < kept; i++) {
    const key = keys[i] as number
    networks4[i] = Math.floor(key / lengthRoom)
    lengths4[i] = key % lengthRoom
  }
  return { networks4, lengths4 }
}

function sort6(packed: Uint8Array): Pick<ListEntries, 'networks6' | 'lengths6'> {
  const count = packed.length / PACKED6_BYTES
  if (!Number.isInteger(count)) throw new IdsdError('ERR_LIST', 'an IPv6 entry is not whole')
  // The first six bytes as a number tell most of them apart.
  const heads = new Float64Array(count)
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length)
  for (let i = 0; i < count; i++) {
    const length = packed[i * PACKED6_BYTES + 16] as number
    heads[i] = view.getUint32(i * PACKED6_BYTES) * 0x1_0000 + view.getUint16(i * PACKED6_BYTES + 4)
    if (length > 128 || !isNetwork6(packed, i * PACKED6_BYTES, length))
      throw new IdsdError('ERR_LIST', `IPv6 entry ${i} is no network`)
  }
  const order = new Uint32Array(count).map((_, i) => i)
  const compare = (a: number, b: number) =>
    (heads[a] as number) - (heads[b] as number) ||
    compareBytes(packed, a * PACKED6_BYTES, packed, b * PACKED6_BYTES) ||
    (packed[a * PACKED6_BYTES + 16] as number) - (packed[b * PACKED6_BYTES + 16] as number)
  order.sort(compare)
  const kept = order.filter((index, i) => i === 0 || compare(order[i - 1] as number, index) !== 0)
  const networks6 = new Uint8Array(new SharedArrayBuffer(kept.length * 16))
  const lengths6 = new Uint8Array(new SharedArrayBuffer(kept.length))
  for (const [i, index] of kept.entries()) {
    const at = index * PACKED6_BYTES
    networks6.set(packed.subarray(at, at + 16), i * 16)
    lengths6[i] = packed[at + 16] as number
  }
  return { networks6, lengths6 }
}

/** Whether 16 bytes at a place have no bit set after `length`, 0 to 128. */
export function isNetwork6(bytes: Uint8Array, at: number, length: number): boolean {
  for (let i = length >> 3; i < 16; i++) {
    const kept = Math.max(0, length - i * 8)
    if (((bytes[at + i] as number) & (0xff >> Math.min(8, kept))) !== 0) return false
  }
  return true
}
