/**
 * Packets for tests, composed from pure functions with correct lengths and checksums:
 * `ethernet({ payload: ipv4({ src, dst, payload: tcp({ srcPort, dstPort, flags: 'SA' }) }) })`,
 * or in one call `tcpPacket({ src, dst, srcPort, dstPort, flags: 'SA' })`.
 */

import { type Ipv6Extension, ipv4, ipv6 } from './packet/ip.js'
import type { Layer } from './packet/layer.js'
import { type EthernetOptions, ethernet } from './packet/link.js'
import {
  type IcmpOptions,
  icmp,
  icmpv6,
  type TcpOptions,
  tcp,
  type UdpOptions,
  udp,
} from './packet/transport.js'

export * from './packet/ip.js'
export {
  addressBytes,
  checksum,
  concat,
  type Layer,
  opaque,
  type Payload,
  type PseudoHeader,
  raw,
} from './packet/layer.js'
export * from './packet/link.js'
export * from './packet/transport.js'

/** Addresses and link fields shared by the one-call builders. IPv4 or IPv6 follows from `src`. */
export interface FrameOptions {
  readonly src: string
  readonly dst: string
  readonly srcMac?: string
  readonly dstMac?: string
  readonly vlans?: NonNullable<EthernetOptions['vlans']>
  /** TTL or hop limit. Default 64. */
  readonly ttl?: number
  /** IPv4 identification. Default 1. */
  readonly id?: number
  /** IPv6 extension headers; refused with IPv4. */
  readonly extensions?: readonly Ipv6Extension[]
  /** Zero padding up to this many bytes of frame. Default 0. */
  readonly minBytes?: number
}

/** Ethernet frame with an IP packet around any transport layer. Throws RangeError when the addresses do not match. */
export function frame({
  src,
  dst,
  payload,
  ...rest
}: FrameOptions & { readonly payload: Layer }): Uint8Array {
  const { ttl = 64, id = 1, extensions } = rest
  if (!src.includes(':') && extensions !== undefined) throw new RangeError('extensions need IPv6 addresses')
  return ethernet({
    ...(rest.srcMac === undefined ? {} : { src: rest.srcMac }),
    ...(rest.dstMac === undefined ? {} : { dst: rest.dstMac }),
    vlans: rest.vlans ?? [],
    minBytes: rest.minBytes ?? 0,
    payload: src.includes(':')
      ? ipv6({ src, dst, hopLimit: ttl, extensions: extensions ?? [], payload })
      : ipv4({ src, dst, ttl, id, payload }),
  })
}

/** Frame with one TCP segment. */
export function tcpPacket(options: FrameOptions & TcpOptions): Uint8Array {
  return frame({ ...options, payload: tcp(options) })
}

/** Frame with one UDP datagram. */
export function udpPacket(options: FrameOptions & UdpOptions): Uint8Array {
  return frame({ ...options, payload: udp(options) })
}

/** Frame with one ICMP or ICMPv6 message, an echo request by default; `echoId` is the identifier of the echo. */
export function icmpPacket({
  echoId = 1,
  ...options
}: FrameOptions & Omit<IcmpOptions, 'id'> & { readonly echoId?: number }): Uint8Array {
  const message = { ...options, id: echoId }
  return frame({ ...options, payload: options.src.includes(':') ? icmpv6(message) : icmp(message) })
}
