/** Addresses and prefixes: read strictly, written canonically, compared as bytes. The only importer of ipaddr.js. */

import ipaddr from 'ipaddr.js'
import { ArgumentError } from '../errors.js'

/** An address or prefix that has been parsed. */
export interface Target {
  readonly family: 4 | 6
  /** Network order, 4 or 16 bytes, host bits cleared. */
  readonly bytes: Uint8Array
  /** Length of the prefix in bits; 32 or 128 for an address. */
  readonly prefix: number
  /** Canonical text (IPv6 after RFC 5952); no `/32`, no `/128`. */
  readonly text: string
  readonly isPrefix: boolean
}

const EXPECTED = 'an IPv4 or IPv6 address or CIDR'
const MAPPED_BITS = 96

/**
 * Reads `address` or `address/length`. IPv4-mapped IPv6 (`::ffff:10.0.0.1`) becomes IPv4; a prefix of full length
 * becomes an address.
 * @throws ArgumentError naming `field`: white space, leading zeros, zone ids, short forms of IPv4 and host bits after
 * the prefix are faults, each with its own sentence
 */
export function parseTarget(text: string, field: string): Target {
  const fail = (expected: string): ArgumentError => new ArgumentError(field, expected, JSON.stringify(text))
  if (text === '') throw new ArgumentError(field, EXPECTED, 'nothing')
  if (/\s/.test(text)) throw fail(`${EXPECTED} without white space`)
  if (text.includes('%')) throw fail('an address without a zone id (the part after %)')
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const bytes = address.includes(':') ? readV6(address) : readV4(address, fail)
  if (bytes === undefined) throw fail(EXPECTED)
  const bits = bytes.length * 8
  const prefix = slash < 0 ? bits : readLength(text.slice(slash + 1), bits, fail)
  const network = masked(bytes, prefix)
  if (!network.every((byte, i) => byte === bytes[i])) {
    throw fail(`a network with no bits set after /${prefix}: ${makeTarget(network, prefix).text}`)
  }
  return makeTarget(network, prefix)
}

/** Whether every address of `inner` is also one of `outer`. Never across families. */
export function covers(outer: Target, inner: Target): boolean {
  return (
    outer.family === inner.family && outer.prefix <= inner.prefix && sharesBits(outer, inner, outer.prefix)
  )
}

/** Whether the two have an address in common: one covers the other, since prefixes nest. */
export function overlaps(a: Target, b: Target): boolean {
  return covers(a, b) || covers(b, a)
}

/** First and last address of a target as 16 bytes each that sort like numbers; IPv4 lies in ::ffff:0:0/96. */
export function addressRange(target: Target): { readonly first: Uint8Array; readonly last: Uint8Array } {
  const first = new Uint8Array(16)
  if (target.family === 4) first.fill(0xff, 10, 12)
  first.set(target.bytes, 16 - target.bytes.length)
  const last = first.slice()
  const prefix = target.family === 4 ? target.prefix + MAPPED_BITS : target.prefix
  for (let bit = prefix; bit < 128; bit++) last[bit >> 3]! |= 0x80 >> (bit & 7)
  return { first, last }
}

function readV4(text: string, fail: (expected: string) => ArgumentError): Uint8Array | undefined {
  if (!/^\d{1,10}(\.\d{1,10}){3}$/.test(text)) return undefined
  const parts = text.split('.')
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) {
    throw fail('an IPv4 address without leading zeros (some programs read them as octal)')
  }
  const numbers = parts.map(Number)
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined
}

function readV6(text: string): Uint8Array | undefined {
  const dotted = text.slice(text.lastIndexOf(':') + 1)
  if (dotted.includes('.') && !/^((0|[1-9]\d{0,2})(\.|$)){4}$/.test(dotted)) return undefined
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !ipaddr.IPv6.isValid(text)) return undefined
  const bytes = Uint8Array.from(ipaddr.IPv6.parse(text).toByteArray())
  return isMapped(bytes) ? bytes.slice(12) : bytes
}

function readLength(text: string, bits: number, fail: (expected: string) => ArgumentError): number {
  if (/^(0|[1-9]\d{0,2})$/.test(text)) {
    const length = Number(text)
    if (length <= bits) return length
  }
  const family = bits === 32 ? 'IPv4' : 'IPv6'
  throw fail(`a prefix length of 0 to ${bits} after an ${family} address, without leading zeros`)
}

function makeTarget(bytes: Uint8Array, prefix: number): Target {
  const family = bytes.length === 4 ? 4 : 6
  const address = family === 4 ? bytes.join('.') : new ipaddr.IPv6([...bytes]).toRFC5952String()
  const isPrefix = prefix < bytes.length * 8
  return { family, bytes, prefix, text: isPrefix ? `${address}/${prefix}` : address, isPrefix }
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0)
}

/** The first bits of an address, the rest cleared. */
export function masked(bytes: Uint8Array, prefix: number): Uint8Array {
  return bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, prefix - i * 8))))
}

function sharesBits(a: Target, b: Target, bits: number): boolean {
  const whole = bits >> 3
  for (let i = 0; i < whole; i++) if (a.bytes[i] !== b.bytes[i]) return false
  const rest = bits & 7
  return rest === 0 || ((a.bytes[whole]! ^ b.bytes[whole]!) & (0xff00 >> rest) & 0xff) === 0
}
