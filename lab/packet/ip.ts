/** IPv4 and IPv6 headers with options, extension headers and fragments. */

import { addressBytes, checksum, concat, type Layer, type Payload, padTo, toBytes, view } from './layer.js'

/** An IPv4 packet (RFC 791). Fields that are normally derived can be forced, to build broken packets. */
export interface Ipv4Options {
  readonly src: string
  readonly dst: string
  /** Protocol number; by default the one of the payload. */
  readonly protocol?: number
  /** Default 64. */
  readonly ttl?: number
  /** Differentiated services and ECN bits. Default 0. */
  readonly tos?: number
  /** Identification. Default 1. */
  readonly id?: number
  readonly dontFragment?: boolean
  /** Bytes, a multiple of 8. Default 0. */
  readonly fragmentOffset?: number
  readonly moreFragments?: boolean
  /** Raw options, padded to a multiple of 4 bytes with end-of-list. */
  readonly options?: Uint8Array
  /** Forced version field. */
  readonly version?: number
  /** Forced header length, in 32-bit words. */
  readonly headerWords?: number
  /** Forced total length, bytes. */
  readonly totalLength?: number
  /** Forced header checksum. */
  readonly checksum?: number
  readonly payload: Payload
}

/** IPv4 packet. Throws TypeError when no protocol number is known, RangeError on an address that is not IPv4. */
export function ipv4(packet: Ipv4Options): Layer {
  const src = sized(packet.src, 4)
  const dst = sized(packet.dst, 4)
  const body = toBytes(packet.payload, { src, dst })
  const options = padTo(packet.options ?? new Uint8Array(0), 4)
  const header = concat(new Uint8Array(12), src, dst, options)
  const fields = view(header)
  header[0] = ((packet.version ?? 4) << 4) | (packet.headerWords ?? header.length / 4)
  header[1] = packet.tos ?? 0
  fields.setUint16(2, packet.totalLength ?? header.length + body.length)
  fields.setUint16(4, packet.id ?? 1)
  const flags = (packet.dontFragment ? 0x4000 : 0) | (packet.moreFragments ? 0x2000 : 0)
  fields.setUint16(6, flags | ((packet.fragmentOffset ?? 0) >> 3))
  header[8] = packet.ttl ?? 64
  header[9] = packet.protocol ?? protocolOf(packet.payload)
  fields.setUint16(10, packet.checksum ?? checksum(header))
  return { etherType: 0x0800, protocol: 4, bytes: () => concat(header, body) }
}

/** An IPv6 extension header (RFC 8200 section 4, authentication header RFC 4302). */
export type Ipv6Extension =
  | {
      readonly type: 'hopByHop' | 'destination' /** Options, padded with Pad1. */
      readonly options?: Uint8Array
    }
  | {
      readonly type: 'routing'
      /** Default 4, segment routing. */
      readonly routingType?: number
      /** Default 0. */
      readonly segmentsLeft?: number
      /** Bytes after the first four, padded to fill 8-byte units. Default 4 zero bytes. */
      readonly data?: Uint8Array
      /** Destination that transport checksums cover, where it is not the one of the IPv6 header. */
      readonly finalDst?: string
    }
  | {
      readonly type: 'fragment'
      /** Bytes, a multiple of 8. Default 0. */
      readonly offset?: number
      /** More fragments follow. Default false. */
      readonly more?: boolean
      /** Identification. Default 1. */
      readonly id?: number
    }
  | {
      readonly type: 'ah'
      readonly spi?: number
      readonly seq?: number /** Check value. */
      readonly icv?: Uint8Array
    }

/** An IPv6 packet (RFC 8200). */
export interface Ipv6Options {
  readonly src: string
  readonly dst: string
  /** Protocol behind the last extension; by default the one of the payload. */
  readonly nextHeader?: number
  /** Default 64. */
  readonly hopLimit?: number
  /** Default 0. */
  readonly trafficClass?: number
  /** Default 0. */
  readonly flowLabel?: number
  /** In the order they stand in the packet. */
  readonly extensions?: readonly Ipv6Extension[]
  /** Forced payload length, bytes. */
  readonly payloadLength?: number
  readonly payload: Payload
}

const extensionNumber = { hopByHop: 0, routing: 43, fragment: 44, ah: 51, destination: 60 } as const

/** IPv6 packet. Throws TypeError when no protocol number is known, RangeError on an address that is not IPv6. */
export function ipv6({ extensions = [], ...packet }: Ipv6Options): Layer {
  const src = sized(packet.src, 16)
  const dst = sized(packet.dst, 16)
  const routing = extensions.find((extension) => extension.type === 'routing')
  const finalDst = routing?.finalDst === undefined ? dst : sized(routing.finalDst, 16)
  const body = toBytes(packet.payload, { src, dst: finalDst })
  const last = packet.nextHeader ?? protocolOf(packet.payload)
  const chain = [...extensions.map((extension) => extensionNumber[extension.type]), last]
  const headers = extensions.map((extension, i) => extensionBytes(extension, chain[i + 1]!))
  const rest = concat(...headers, body)
  const header = concat(new Uint8Array(8), src, dst)
  const fields = view(header)
  fields.setUint32(0, ((6 << 28) | ((packet.trafficClass ?? 0) << 20) | (packet.flowLabel ?? 0)) >>> 0)
  fields.setUint16(4, packet.payloadLength ?? rest.length)
  header[6] = chain[0]!
  header[7] = packet.hopLimit ?? 64
  return { etherType: 0x86dd, protocol: 41, bytes: () => concat(header, rest) }
}

/**
 * One IPv4 packet cut into fragments; only the first holds the transport header when `size` is large enough.
 * @param size payload bytes of each fragment but the last, a multiple of 8
 */
export function ipv4Fragments(packet: Ipv4Options, size: number): Layer[] {
  const body = toBytes(packet.payload, { src: sized(packet.src, 4), dst: sized(packet.dst, 4) })
  const protocol = packet.protocol ?? protocolOf(packet.payload)
  return pieces(body, size).map(({ offset, more, payload }) =>
    ipv4({ ...packet, protocol, fragmentOffset: offset, moreFragments: more, payload }),
  )
}

/**
 * One IPv6 packet cut into fragments, each behind a fragment header after the given extensions.
 * @param size payload bytes of each fragment but the last, a multiple of 8
 */
export function ipv6Fragments(packet: Ipv6Options, size: number, id = 1): Layer[] {
  const body = toBytes(packet.payload, { src: sized(packet.src, 16), dst: sized(packet.dst, 16) })
  const nextHeader = packet.nextHeader ?? protocolOf(packet.payload)
  return pieces(body, size).map(({ offset, more, payload }) => {
    const extensions = [...(packet.extensions ?? []), { type: 'fragment', offset, more, id } as const]
    return ipv6({ ...packet, nextHeader, extensions, payload })
  })
}

function extensionBytes(extension: Ipv6Extension, next: number): Uint8Array {
  const start = new Uint8Array(extension.type === 'fragment' ? 8 : extension.type === 'ah' ? 12 : 2)
  const fields = view(start)
  start[0] = next
  if (extension.type === 'fragment') {
    fields.setUint16(2, (extension.offset ?? 0) | (extension.more ? 1 : 0))
    fields.setUint32(4, extension.id ?? 1)
    return start
  }
  if (extension.type === 'ah') {
    fields.setUint32(4, extension.spi ?? 1)
    fields.setUint32(8, extension.seq ?? 1)
    const whole = padTo(concat(start, extension.icv ?? new Uint8Array(12)), 8)
    whole[1] = whole.length / 4 - 2
    return whole
  }
  const whole = padTo(concat(start, extensionContent(extension)), 8)
  whole[1] = whole.length / 8 - 1
  return whole
}

function extensionContent(extension: Exclude<Ipv6Extension, { type: 'fragment' | 'ah' }>): Uint8Array {
  if (extension.type !== 'routing') return extension.options ?? new Uint8Array(6)
  const { routingType = 4, segmentsLeft = 0, data = new Uint8Array(4) } = extension
  return concat(Uint8Array.of(routingType, segmentsLeft), data)
}

function pieces(body: Uint8Array, size: number): { offset: number; more: boolean; payload: Uint8Array }[] {
  if (size <= 0 || size % 8 !== 0)
    throw new RangeError(`fragment size: a positive multiple of 8 expected, got ${size}`)
  return Array.from({ length: Math.max(1, Math.ceil(body.length / size)) }, (_, i) => {
    const offset = i * size
    return { offset, more: offset + size < body.length, payload: body.subarray(offset, offset + size) }
  })
}

function protocolOf(payload: Payload): number {
  const protocol = typeof payload === 'object' && 'protocol' in payload ? payload.protocol : undefined
  if (protocol === undefined)
    throw new TypeError('payload has no protocol number of its own: give one, or use opaque()')
  return protocol
}

function sized(address: string, length: number): Uint8Array {
  const bytes = addressBytes(address)
  if (bytes.length !== length)
    throw new RangeError(`an IPv${length === 4 ? 4 : 6} address expected, got ${address}`)
  return bytes
}
