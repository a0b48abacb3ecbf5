/**
 * Addresses of flows as they are stored: IPv4 as a number, IPv6 as 16 bytes. Both sort like addresses, every number
 * before all bytes, so that a CIDR is a range. The number is the address less 2^31: SQLite keeps that in 4 bytes.
 */

import { addressText } from '../decode/address-text.js'
import { addressRange, type Target } from '../policy/address.js'

export type FlowKey = number | Buffer

const DOT = 46
const COLON = 58
const ZERO = 48
const LETTERS = 97 - 10
const BIAS = 2 ** 31

/**
 * Reads by hand, because this is done for both ends of every flow.
 * @param text canonical, as records have it; anything else gives a wrong key
 */
export function flowKey(text: string): FlowKey {
  return text.includes(':') ? ipv6Key(text) : ipv4Key(text)
}

/** First and last key of a target. */
export function flowKeyRange(target: Target): readonly [FlowKey, FlowKey] {
  const { first, last } = addressRange(target)
  if (target.family === 6) return [Buffer.from(first), Buffer.from(last)]
  const number = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(12) - BIAS
  return [number(first), number(last)]
}

/** The address in canonical text. */
export function flowKeyText(key: FlowKey): string {
  if (typeof key !== 'number') return addressText(new DataView(key.buffer, key.byteOffset, 16), 0)
  const address = key + BIAS
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`
}

/** 16 bytes of an address in network order, IPv4 in ::ffff:0:0/96, as schema 2 stored them. */
export function keyOfBytes(bytes: Buffer): FlowKey {
  const isIpv4 = bytes.readUInt32BE(0) + bytes.readUInt32BE(4) === 0 && bytes.readUInt32BE(8) === 0xffff
  return isIpv4 ? bytes.readUInt32BE(12) - BIAS : bytes
}

function ipv4Key(text: string): number {
  let address = 0
  let part = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === DOT) {
      address = address * 256 + part
      part = 0
    } else {
      part = part * 10 + code - ZERO
    }
  }
  return address * 256 + part - BIAS
}

function ipv6Key(text: string): Buffer {
  const key = Buffer.alloc(16)
  let at = 0
  let gapAt = -1
  let digits = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code !== COLON) {
      const digit = code - (code < COLON ? ZERO : LETTERS)
      key.writeUInt16BE(key.readUInt16BE(at) * 16 + digit, at)
      digits++
    } else if (digits > 0) {
      at += 2
      digits = 0
    } else if (i > 0) {
      gapAt = at
    }
  }
  const end = digits > 0 ? at + 2 : at
  if (gapAt < 0) return key
  // What stands after `::` belongs to the end.
  const behind = 16 - (end - gapAt)
  key.copyWithin(behind, gapAt, end)
  return key.fill(0, gapAt, behind)
}
