/**
 * One address, prefix or range as lists write it. What a list means is never guessed: host bits behind a length, short
 * forms and names are faults, each with its own sentence. Pure.
 */

import { ArgumentError } from '../errors.js'
import { parseTarget } from '../policy/address.js'
import { masked } from './entries.js'
import type { EntryBuilder } from './entry-builder.js'

const DOT = 0x2e
const SLASH = 0x2f
const ZERO = 0x30
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
  if (read4(bytes, begin, end, line, to)) return undefined
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

function addBytes(bytes: Uint8Array, length: number, line: number, to: EntryBuilder): void {
  const network = masked(bytes, length)
  if (bytes.length === 16) {
    to.add6(network, length, line)
    return
  }
  const [a = 0, b = 0, c = 0, d = 0] = network
  to.add4(((a << 24) | (b << 16) | (c << 8) | d) >>> 0, length, line)
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
