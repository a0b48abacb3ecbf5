/**
 * One address, prefix or range as lists write it. What a list means is never guessed: host bits behind a length, short
 * forms and names are faults, each with its own sentence. Pure.
 */

import { ArgumentError } from '../errors.js'
import { parseTarget } from '../policy/address.js'
import { network4 } from './entries.js'
import { type EntryBuilder, isNetwork6 } from './entry-builder.js'

const DOT = 0x2e
const SLASH = 0x2f
const ZERO = 0x30
const COLON = 0x3a
/** Longest text of an entry: two IPv6 addresses with a dash. */
const maxText = 120

/**
 * Adds what the bytes say. IPv4-mapped IPv6 becomes IPv4, a range the fewest prefixes that are exactly it.
 * @returns the fault in words; undefined when it was added
 */
export function readTarget(
  bytes: Uint8Array,
  begin: number,
  end: number,
  line: number,
  to: EntryBuilder,
): string | undefined {
  if (read4(bytes, begin, end, line, to) || read6(bytes, begin, end, line, to)) return undefined
  if (end - begin > maxText) return 'expected an address, a CIDR or a range, got a longer text'
  return readText(Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString('utf8'), line, to)
}

/** As `readTarget`, of a text. */
export function readText(text: string, line: number, to: EntryBuilder): string | undefined {
  try {
    const dash = text.indexOf('-')
    if (dash >= 0) return readRange(text.slice(0, dash).trim(), text.slice(dash + 1).trim(), line, to)
    const { bytes, length } = readOne(text)
    addBytes(bytes, length, line, to)
    return undefined
  } catch (error) {
    if (error instanceof ArgumentError) return error.message.replace(/^entry: /, '')
    throw error
  }
}

/** The common case without an object: four numbers and perhaps a length. @returns whether it was that */
function read4(bytes: Uint8Array, begin: number, end: number, line: number, to: EntryBuilder): boolean {
  let at = begin
  let network = 0
  for (let part = 0; part < 4; part++) {
    const first = at
    let value = 0
    while (at < end && at - first < 3) {
      const digit = (bytes[at] as number) - ZERO
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
      at++
    }
    const digits = at - first
    if (digits === 0 || value > 255 || (digits > 1 && bytes[first] === ZERO)) return false
    network = network * 256 + value
    if (part < 3 && bytes[at++] !== DOT) return false
  }
  let length = 32
  if (at < end) {
    if (bytes[at] !== SLASH || end - at < 2 || end - at > 3) return false
    length = (bytes[at + 1] as number) - ZERO
    if (length < 0 || length > 9) return false
    if (end - at === 3) {
      const digit = (bytes[at + 2] as number) - ZERO
      if (length === 0 || digit < 0 || digit > 9) return false
      length = length * 10 + digit
    }
    if (length > 32 || (length < 32 && (network & (0xffff_ffff >>> length)) !== 0)) return false
  }
  to.add4(network, length, line)
  return true
}

/** An address that is being read; `add6` copies it. */
const read = new Uint8Array(16)

/** Groups of IPv6 and perhaps a length, likewise. What is IPv4 in it, or a fault, is left to others. */
function read6(bytes: Uint8Array, begin: number, end: number, line: number, to: EntryBuilder): boolean {
  let at = begin
  let filled = 0
  /** Where `::` stands, bytes from the left. */
  let gapAt = -1
  if (bytes[at] === COLON && (bytes[at + 1] !== COLON || end - at < 2)) return false
  while (at < end && bytes[at] !== SLASH) {
    if (bytes[at] === COLON) {
      at++
      if (at < end && bytes[at] === COLON) {
        if (gapAt >= 0) return false
        gapAt = filled
        at++
      } else if (at === end || bytes[at] === SLASH) return false
      if (at === end || bytes[at] === SLASH) break
    } else if (filled > 0) return false
    const first = at
    let group = 0
    for (; at < end && at - first < 4; at++) {
      const digit = hexDigit(bytes[at] as number)
      if (digit < 0) break
      group = group * 16 + digit
    }
    if (at === first || filled === 16) return false
    read[filled++] = group >> 8
    read[filled++] = group & 255
  }
  if (gapAt < 0 ? filled !== 16 : filled > 14) return false
  if (gapAt >= 0) {
    read.copyWithin(16 - (filled - gapAt), gapAt, filled)
    read.fill(0, gapAt, 16 - (filled - gapAt))
  }
  const length = at === end ? 128 : lengthOf(bytes, at + 1, end)
  if (length < 0 || length > 128 || isMapped(read) || !isNetwork6(read, 0, length)) return false
  to.add6(read, length, line)
  return true
}

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte < ZERO + 10) return byte - ZERO
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

/** @returns -1 when it is not one to three digits without a leading zero */
function lengthOf(bytes: Uint8Array, begin: number, end: number): number {
  if (end - begin < 1 || end - begin > 3 || (bytes[begin] === ZERO && end - begin > 1)) return -1
  let length = 0
  for (let at = begin; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}

/** ::ffff:0:0/96 */
function isMapped(address: Uint8Array): boolean {
  for (let i = 0; i < 10; i++) if (address[i] !== 0) return false
  return address[10] === 255 && address[11] === 255
}

/** @throws ArgumentError */
function readOne(text: string): { bytes: Uint8Array; length: number } {
  const mapped = /^(.*:.*)\/(\d{1,3})$/.exec(text)
  const length = Number(mapped?.[2])
  if (mapped !== null && length >= 96 && length <= 128) {
    const { family } = parseTarget(mapped[1] as string, 'entry')
    // ::ffff:192.0.2.0/120 is 192.0.2.0/24.
    if (family === 4) return asOne(`${parseTarget(mapped[1] as string, 'entry').text}/${length - 96}`)
  }
  return asOne(text)
}

function asOne(text: string): { bytes: Uint8Array; length: number } {
  const { bytes, prefix } = parseTarget(text, 'entry')
  return { bytes, length: prefix }
}

/** @throws ArgumentError */
function readRange(first: string, last: string, line: number, to: EntryBuilder): string | undefined {
  const [low, high] = [parseTarget(first, 'entry'), parseTarget(last, 'entry')]
  if (low.isPrefix || high.isPrefix) return 'expected a range of two addresses, got a prefix in it'
  if (low.family !== high.family) return 'expected a range of one family, got IPv4 and IPv6'
  const bits = low.bytes.length * 8
  let at = numberOf(low.bytes)
  const end = numberOf(high.bytes)
  if (at > end) return 'expected the lower address of the range first'
  while (at <= end) {
    let length = bits
    let size = 1n
    while (length > 0 && at % (size * 2n) === 0n && at + size * 2n - 1n <= end) {
      size *= 2n
      length--
    }
    addBytes(bytesOf(at, low.bytes.length), length, line, to)
    at += size
  }
  return undefined
}

/** @param bytes of a network: no bit is set after `length` */
function addBytes(bytes: Uint8Array, length: number, line: number, to: EntryBuilder): void {
  if (bytes.length === 16) to.add6(bytes, length, line)
  else to.add4(network4(bytes), length, line)
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)
}

function bytesOf(number: bigint, length: number): Uint8Array {
  let rest = number
  const bytes = new Uint8Array(length)
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 255n)
    rest >>= 8n
  }
  return bytes
}
