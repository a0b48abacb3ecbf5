/** Frames: Ethernet with VLAN tags, ARP, PPPoE. */

import { addressBytes, concat, type Layer, macBytes, type Payload, toBytes, view } from './layer.js'

/** MAC address of the sender when none is given; locally administered. */
export const defaultSrcMac = '02:00:00:00:00:02'
/** MAC address of the receiver when none is given; locally administered. */
export const defaultDstMac = '02:00:00:00:00:01'

/** A VLAN tag, outermost first in a list. */
export interface VlanTag {
  /** 0x8100 (IEEE 802.1Q, default) or 0x88a8 (802.1ad). */
  readonly tpid?: number
  /** VLAN number, 0 to 4095. */
  readonly vid: number
  /** Priority, 0 to 7. Default 0. */
  readonly priority?: number
}

/** An Ethernet frame. */
export interface EthernetOptions {
  /** Source MAC address. */
  readonly src?: string
  /** Destination MAC address. */
  readonly dst?: string
  /** Tags, outermost first. */
  readonly vlans?: readonly VlanTag[]
  /** EtherType; by default the one of the payload. */
  readonly etherType?: number
  /** Zero padding up to this many bytes of frame, without the check sequence; 60 is the Ethernet minimum. Default 0. */
  readonly minBytes?: number
  readonly payload: Payload
}

/** The finished frame without check sequence. Throws TypeError when no EtherType is known. */
export function ethernet({
  src = defaultSrcMac,
  dst = defaultDstMac,
  vlans = [],
  ...rest
}: EthernetOptions): Uint8Array {
  const etherType = rest.etherType ?? etherTypeOf(rest.payload)
  const types = [...vlans.map((tag) => tag.tpid ?? 0x8100), etherType]
  const tags = vlans.map((tag, i) => words(((tag.priority ?? 0) << 13) | (tag.vid & 0xfff), types[i + 1]!))
  const whole = concat(macBytes(dst), macBytes(src), words(types[0]!), ...tags, toBytes(rest.payload))
  const missing = (rest.minBytes ?? 0) - whole.length
  return missing > 0 ? concat(whole, new Uint8Array(missing)) : whole
}

/** An ARP packet for IPv4 on Ethernet (RFC 826). */
export interface ArpOptions {
  /** Default 'request'. */
  readonly operation?: 'request' | 'reply'
  readonly senderMac?: string
  readonly senderIp: string
  readonly targetMac?: string
  readonly targetIp: string
}

/** ARP request or reply. */
export function arp({
  operation = 'request',
  senderMac = defaultSrcMac,
  targetMac,
  ...ip
}: ArpOptions): Layer {
  const target = targetMac ?? (operation === 'request' ? '00:00:00:00:00:00' : defaultDstMac)
  const body = concat(
    words(1, 0x0800, 0x0604, operation === 'request' ? 1 : 2),
    macBytes(senderMac),
    addressBytes(ip.senderIp),
    macBytes(target),
    addressBytes(ip.targetIp),
  )
  return { etherType: 0x0806, bytes: () => body }
}

/** A PPPoE session packet (RFC 2516). */
export interface PppoeOptions {
  /** Session number. Default 1. */
  readonly session?: number
  /** PPP protocol; by default 0x0021 for IPv4 and 0x0057 for IPv6. */
  readonly pppProtocol?: number
  readonly payload: Payload
}

/** PPPoE session stage carrying one PPP frame. */
export function pppoe({ session = 1, pppProtocol, payload }: PppoeOptions): Layer {
  const body = toBytes(payload)
  const protocol = pppProtocol ?? (etherTypeOf(payload) === 0x86dd ? 0x0057 : 0x0021)
  const header = words(0x1100, session, body.length + 2, protocol)
  return { etherType: 0x8864, bytes: () => concat(header, body) }
}

function etherTypeOf(payload: Payload): number {
  const etherType = typeof payload === 'object' && 'etherType' in payload ? payload.etherType : undefined
  if (etherType === undefined)
    throw new TypeError('payload has no EtherType of its own: give one, or use raw()')
  return etherType
}

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 2)
  for (const [i, value] of values.entries()) view(bytes).setUint16(i * 2, value)
  return bytes
}
