/** TCP, UDP, ICMP and ICMPv6. Checksums are filled in when the IP layer tells the addresses. */

import {
  checksum,
  concat,
  type Layer,
  type Payload,
  padTo,
  toBytes,
  transportChecksum,
  view,
} from './layer.js'

/** A TCP segment (RFC 9293). */
export interface TcpOptions {
  readonly srcPort: number
  readonly dstPort: number
  /** Default 1. */
  readonly seq?: number
  /** Default 0. */
  readonly ack?: number
  /** Letters of F S R P A U E C in any order, '' for none. Default 'S'. */
  readonly flags?: string
  /** Default 65 535. */
  readonly window?: number
  /** Urgent pointer. Default 0. */
  readonly urgent?: number
  /** Raw options, padded to a multiple of 4 bytes with end-of-list; see `tcpOptions`. */
  readonly options?: Uint8Array
  /** Forced header length, in 32-bit words. */
  readonly headerWords?: number
  /** Forced checksum. */
  readonly checksum?: number
  readonly payload?: Payload
}

/** TCP segment. Throws RangeError on an unknown flag letter. */
export function tcp({ srcPort, dstPort, flags = 'S', payload = '', ...rest }: TcpOptions): Layer {
  const options = padTo(rest.options ?? new Uint8Array(0), 4)
  const header = concat(new Uint8Array(20), options)
  const fields = view(header)
  fields.setUint16(0, srcPort)
  fields.setUint16(2, dstPort)
  fields.setUint32(4, rest.seq ?? 1)
  fields.setUint32(8, rest.ack ?? 0)
  header[12] = (rest.headerWords ?? header.length / 4) << 4
  header[13] = tcpFlags(flags)
  fields.setUint16(14, rest.window ?? 65_535)
  fields.setUint16(18, rest.urgent ?? 0)
  return checked(6, 16, rest.checksum, concat(header, toBytes(payload)))
}

/** Bits of the TCP flags named by letters of F S R P A U E C. Throws RangeError on any other letter. */
export function tcpFlags(letters: string): number {
  return [...letters].reduce((bits, letter) => {
    const bit = 'FSRPAUEC'.indexOf(letter)
    if (bit < 0) throw new RangeError(`TCP flags: letters of FSRPAUEC expected, got ${letters}`)
    return bits | (1 << bit)
  }, 0)
}

/** The TCP options a real SYN carries, as bytes for `TcpOptions.options`. */
export function tcpOptions(options: {
  /** Maximum segment size, bytes. */
  readonly mss?: number
  /** Window scale, a shift count. */
  readonly windowScale?: number
  readonly sackPermitted?: boolean
  /** Own clock value and the echoed one. */
  readonly timestamps?: readonly [value: number, echo: number]
}): Uint8Array {
  const bytes: number[] = []
  const word = (value: number) => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff)
  if (options.mss !== undefined) bytes.push(2, 4, options.mss >> 8, options.mss & 0xff)
  if (options.sackPermitted) bytes.push(4, 2)
  if (options.timestamps) bytes.push(8, 10, ...word(options.timestamps[0]), ...word(options.timestamps[1]))
  if (options.windowScale !== undefined) bytes.push(3, 3, options.windowScale)
  return padTo(Uint8Array.from(bytes), 4, 1)
}

/** A UDP datagram (RFC 768). */
export interface UdpOptions {
  readonly srcPort: number
  readonly dstPort: number
  /** Forced length field, bytes. */
  readonly length?: number
  /** Forced checksum; 0 means none was computed. */
  readonly checksum?: number
  readonly payload?: Payload
}

/** UDP datagram. */
export function udp({ srcPort, dstPort, payload = '', ...rest }: UdpOptions): Layer {
  const datagram = concat(new Uint8Array(8), toBytes(payload))
  const fields = view(datagram)
  fields.setUint16(0, srcPort)
  fields.setUint16(2, dstPort)
  fields.setUint16(4, rest.length ?? datagram.length)
  return checked(17, 6, rest.checksum, datagram)
}

/** An ICMP or ICMPv6 message. */
export interface IcmpOptions {
  /** Default: echo request, 8 in ICMP and 128 in ICMPv6. */
  readonly type?: number
  /** Default 0. */
  readonly code?: number
  /** Identifier of an echo. Default 1. */
  readonly id?: number
  /** Sequence number of an echo. Default 1. */
  readonly seq?: number
  /** Forced checksum. */
  readonly checksum?: number
  /** What follows the first 8 bytes: echo data, or the packet an error is about. */
  readonly payload?: Payload
}

/** ICMP message (RFC 792). */
export function icmp(message: IcmpOptions = {}): Layer {
  const bytes = icmpBytes(8, message)
  view(bytes).setUint16(2, message.checksum ?? checksum(bytes))
  return { protocol: 1, bytes: () => bytes }
}

/** ICMPv6 message (RFC 4443). */
export function icmpv6(message: IcmpOptions = {}): Layer {
  return checked(58, 2, message.checksum, icmpBytes(128, message))
}

function icmpBytes(
  echoRequest: number,
  { type = echoRequest, code = 0, id = 1, seq = 1, ...rest }: IcmpOptions,
) {
  const bytes = concat(new Uint8Array(8), toBytes(rest.payload ?? ''))
  const fields = view(bytes)
  bytes[0] = type
  bytes[1] = code
  fields.setUint16(4, id)
  fields.setUint16(6, seq)
  return bytes
}

function checked(protocol: number, at: number, forced: number | undefined, segment: Uint8Array): Layer {
  return {
    protocol,
    bytes(pseudo) {
      const whole = segment.slice()
      const sum = forced ?? transportChecksum(protocol, segment, pseudo)
      // A computed zero is sent as all ones by UDP, where zero means "no checksum" (RFC 768).
      view(whole).setUint16(at, protocol === 17 && sum === 0 && forced === undefined && pseudo ? 0xffff : sum)
      return whole
    },
  }
}
