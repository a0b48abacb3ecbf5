/** What a list holds: addresses and prefixes in sorted typed arrays, so that a million of them are a few megabytes. Pure. */

import { addressText } from '../decode/address-text.js'
import { addressRange, masked, type Target } from '../policy/address.js'
import { type Coverage, range4, range6, share4, share6 } from '../policy/coverage.js'

/** Each entry once. An address is a prefix of full length. IPv4 comes first where entries are counted through. */
export interface ListEntries {
  /** IPv4 networks, host order, ascending; the shorter of two equal ones first: `[n4]`. */
  readonly networks4: Uint32Array
  /** Bits of each: `[n4]`. */
  readonly lengths4: Uint8Array
  /** IPv6 networks, network order, in the same order: `[n6 * 16]`. */
  readonly networks6: Uint8Array
  readonly lengths6: Uint8Array
}

export const noEntries: ListEntries = {
  networks4: new Uint32Array(0),
  lengths4: new Uint8Array(0),
  networks6: new Uint8Array(0),
  lengths6: new Uint8Array(0),
}

/** Bytes of one packed entry: network in network order, then its length in bits. */
export const PACKED4_BYTES = 5
export const PACKED6_BYTES = 17
/** Entries of one list: a range of a line becomes up to 254 of them, and a few megabytes of text would fill any memory. */
export const MAX_ENTRIES = 8_000_000

export function countEntries({ lengths4, lengths6 }: ListEntries): number {
  return lengths4.length + lengths6.length
}

/** How much of each family they cover together. */
export function coverageOfEntries({ networks4, lengths4, networks6, lengths6 }: ListEntries): Coverage {
  function* all4() {
    for (let i = 0; i < lengths4.length; i++) yield range4(networks4[i] as number, lengths4[i] as number)
  }
  function* all6() {
    for (let i = 0; i < lengths6.length; i++) yield range6(networks6, i * 16, lengths6[i] as number)
  }
  return { four: share4(all4()), six: share6(all6()) }
}

/** Canonical texts of all, in order. */
export function* entryTexts(entries: ListEntries): Generator<string> {
  const total = countEntries(entries)
  for (let i = 0; i < total; i++) yield entryText(entries, i)
}

/** Canonical text of one entry: no `/32`, no `/128`. */
export function entryText(entries: ListEntries, index: number): string {
  const { networks4, lengths4, networks6, lengths6 } = entries
  const n4 = lengths4.length
  if (index < n4) {
    const network = networks4[index] as number
    const text = `${network >>> 24}.${(network >>> 16) & 255}.${(network >>> 8) & 255}.${network & 255}`
    return lengths4[index] === 32 ? text : `${text}/${lengths4[index]}`
  }
  const at = index - n4
  const view = new DataView(networks6.buffer, networks6.byteOffset + at * 16, 16)
  const text = addressText(view, 0)
  return lengths6[at] === 128 ? text : `${text}/${lengths6[at]}`
}

/** An IPv4 address as a number. @param bytes four of them */
export function network4(bytes: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0
}

/** Index of the first IPv4 entry that is not before this one. */
export function lowerBound4({ networks4, lengths4 }: ListEntries, network: number, length: number): number {
  let low = 0
  let high = networks4.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = networks4[middle] as number
    if (at < network || (at === network && (lengths4[middle] as number) < length)) low = middle + 1
    else high = middle
  }
  return low
}

/** The same of IPv6, counted from the first IPv6 entry. */
export function lowerBound6(
  { networks6, lengths6 }: ListEntries,
  network: Uint8Array,
  length: number,
): number {
  let low = 0
  let high = lengths6.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = compareBytes(networks6, middle * 16, network, 0)
    if (order < 0 || (order === 0 && (lengths6[middle] as number) < length)) low = middle + 1
    else high = middle
  }
  return low
}

/** Below 0, 0 or above it, as 16 bytes of `a` come before those of `b`, are the same or come behind. */
export function compareBytes(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  for (let i = 0; i < 16; i++) {
    const difference = (a[atA + i] as number) - (b[atB + i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Index of the entry of exactly this target; -1 when there is none. */
export function indexOf(entries: ListEntries, target: Target): number {
  if (target.family === 4) {
    const network = network4(target.bytes)
    const at = lowerBound4(entries, network, target.prefix)
    return entries.networks4[at] === network && entries.lengths4[at] === target.prefix ? at : -1
  }
  const at = lowerBound6(entries, target.bytes, target.prefix)
  const isSame =
    at < entries.lengths6.length &&
    entries.lengths6[at] === target.prefix &&
    compareBytes(entries.networks6, at * 16, target.bytes, 0) === 0
  return isSame ? entries.lengths4.length + at : -1
}

/** Indexes of the entries that cover all of the target, the longest first; its own among them. */
export function coveringEntries(entries: ListEntries, target: Target): number[] {
  const found: number[] = []
  for (let length = target.prefix; length >= 0; length--) {
    const at = indexOf(entries, { ...target, bytes: masked(target.bytes, length), prefix: length })
    if (at >= 0) found.push(at)
  }
  return found
}

/** Indexes of the entries that lie inside the target, its own among them: from the first to before the second. */
export function entriesInside(entries: ListEntries, target: Target): readonly [number, number] {
  const { last } = addressRange(target)
  if (target.family === 4) {
    const first4 = network4(target.bytes)
    return [
      lowerBound4(entries, first4, target.prefix),
      lowerBound4(entries, network4(last.subarray(12)), 33),
    ]
  }
  const n4 = entries.lengths4.length
  return [n4 + lowerBound6(entries, target.bytes, target.prefix), n4 + lowerBound6(entries, last, 129)]
}

/** All bytes of the entries, as they are stored: `unpackEntries` reads them. */
export function packEntries({ networks4, lengths4, networks6, lengths6 }: ListEntries): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(lengths4.length, 0)
  header.writeUInt32LE(lengths6.length, 4)
  const networks = Buffer.from(networks4.buffer, networks4.byteOffset, networks4.byteLength)
  return Buffer.concat([header, networks, networks6, lengths4, lengths6])
}

/** @throws RangeError when the bytes are not those of `packEntries`; values and order are not looked at */
export function unpackEntries(bytes: Uint8Array): ListEntries {
  const whole = new Uint8Array(new SharedArrayBuffer(bytes.length))
  whole.set(bytes)
  const view = new DataView(whole.buffer)
  if (bytes.length < 8) throw new RangeError('the bytes of a list end before its header does')
  const [n4, n6] = [view.getUint32(0, true), view.getUint32(4, true)]
  if (bytes.length !== 8 + n4 * 5 + n6 * 17) throw new RangeError('the bytes of a list are not whole')
  let at = 8
  const take = (length: number) => {
    at += length
    return at - length
  }
  return {
    networks4: new Uint32Array(whole.buffer, take(n4 * 4), n4),
    networks6: whole.subarray(take(n6 * 16), at),
    lengths4: whole.subarray(take(n4), at),
    lengths6: whole.subarray(take(n6), at),
  }
}
