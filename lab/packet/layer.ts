/** What the packet builders hand to each other: bytes that may still need the addresses around them. */

import { isIPv4, isIPv6 } from 'node:net'

/** The addresses a transport checksum covers (RFC 9293 section 3.1, RFC 8200 section 8.1). */
export interface PseudoHeader {
  /** Source address, 4 or 16 bytes. */
  readonly src: Uint8Array
  /** Final destination address, 4 or 16 bytes. */
  readonly dst: Uint8Array
}

/** One protocol layer. It becomes bytes only when the layer below tells it the addresses. */
export interface Layer {
  /** EtherType when it can stand behind an Ethernet header. */
  readonly etherType?: number
  /** IP protocol number when it can stand behind an IP header. */
  readonly protocol?: number
  /** The bytes, checksums included. Without addresses, a checksum that needs them is left zero. */
  bytes(pseudo?: PseudoHeader): Uint8Array
}

/** A layer, or bytes taken as they are. */
export type Payload = Layer | Uint8Array | string

/** Any EtherType with any bytes behind it. */
export function raw(etherType: number, payload: Payload = ''): Layer {
  return { etherType, bytes: () => toBytes(payload) }
}

/** Any IP protocol number with any bytes behind it: SCTP 132, GRE 47, ESP 50, a non-first fragment. */
export function opaque(protocol: number, payload: Payload = ''): Layer {
  return { protocol, bytes: () => toBytes(payload) }
}

/** The bytes of a payload; a string is UTF-8. */
export function toBytes(payload: Payload, pseudo?: PseudoHeader): Uint8Array {
  if (typeof payload === 'string') return new TextEncoder().encode(payload)
  return payload instanceof Uint8Array ? payload : payload.bytes(pseudo)
}

/** The parts one after the other, in a new array. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** The bytes followed by `fill` up to the next multiple of `multiple`. */
export function padTo(bytes: Uint8Array, multiple: number, fill = 0): Uint8Array {
  const missing = (multiple - (bytes.length % multiple)) % multiple
  return missing === 0 ? bytes : concat(bytes, new Uint8Array(missing).fill(fill))
}

/** A big-endian view of the bytes. */
export function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Internet checksum of the parts taken as one string of bytes; each part but the last has an even length (RFC 1071). */
export function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0
  for (const part of parts) {
    for (let i = 0; i < part.length; i += 2) sum += (part[i]! << 8) | (part[i + 1] ?? 0)
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

/** Checksum of a transport segment behind its pseudo-header; zero when the addresses are not known. */
export function transportChecksum(protocol: number, segment: Uint8Array, pseudo?: PseudoHeader): number {
  if (pseudo === undefined) return 0
  const tail = new Uint8Array(8)
  view(tail).setUint32(0, segment.length)
  tail[7] = protocol
  return checksum(pseudo.src, pseudo.dst, tail, segment)
}

/** The 4 or 16 bytes of a literal address. Throws RangeError on anything else. */
export function addressBytes(address: string): Uint8Array {
  if (isIPv4(address)) return Uint8Array.from(address.split('.'), Number)
  if (!isIPv6(address) || address.includes('%')) throw new RangeError(`not an IP address: ${address}`)
  const plain = address.replace(/[^:]+\.[^:]+$/, (v4) => {
    const [a, b, c, d] = addressBytes(v4) as unknown as [number, number, number, number]
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const groups = (text: string) =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
  const left = groups(head)
  const right = tail === undefined ? [] : groups(tail)
  const all = [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

/** The 6 bytes of a MAC address written `02:00:00:00:00:01`. Throws RangeError on anything else. */
export function macBytes(mac: string): Uint8Array {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) throw new RangeError(`not a MAC address: ${mac}`)
  return Uint8Array.from(mac.split(':'), (part) => Number.parseInt(part, 16))
}
