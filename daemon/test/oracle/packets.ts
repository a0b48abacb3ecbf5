/** What the slow reference reads of a frame: plain fields, and lengths as the packet itself states them. */

/** One TCP, UDP, ICMP or ICMPv6 packet. */
export interface Packet {
  /** Whole microseconds. */
  readonly timeUs: number
  /** Addresses as hexadecimal digits, 8 or 32 of them. */
  readonly src: string
  readonly dst: string
  /** 0 in ICMP. */
  readonly srcPort: number
  readonly dstPort: number
  /** 6, 17, 1 or 58. */
  readonly protocol: number
  /** Bytes behind the L4 header by the IP length; 0 in ICMP. */
  readonly payloadBytes: number
  /** Bytes of the L4 header; 0 in ICMP. */
  readonly headerBytes: number
  /** Letters of F S R P A U E C; '' where there are none. */
  readonly flags: string
  /** Raw field; 0 without TCP. */
  readonly window: number
  /** -1 where it is not ICMP. */
  readonly icmpType: number
  readonly icmpCode: number
}

/** What lies inside an IP packet: where its transport header begins, and where it ends by the IP length. */
interface Inside {
  readonly src: string
  readonly dst: string
  readonly protocol: number
  readonly at: number
  readonly end: number
}

const vlanTypes = [0x8100, 0x88a8, 0x9100]
/** Most VLAN tags that are read. */
const maxTags = 2
/** Hop-by-hop, routing, destination options: length in units of 8 bytes (RFC 8200, section 4). */
const plainExtensions = [0, 43, 60]
const fragmentHeader = 44
const authenticationHeader = 51

/** @returns undefined for what is in no flow: other protocols, later fragments, headers cut short */
export function readPacket(frame: Uint8Array, timeUs: number): Packet | undefined {
  const bytes = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  try {
    let at = 12
    for (let tags = 0; tags < maxTags && vlanTypes.includes(bytes.getUint16(at)); tags++) at += 4
    const inside =
      bytes.getUint16(at) === 0x0800
        ? readIpv4(bytes, at + 2)
        : bytes.getUint16(at) === 0x86dd
          ? readIpv6(bytes, at + 2)
          : undefined
    return inside && readTransport(bytes, inside, timeUs)
  } catch (error) {
    // A read past the end of the frame.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function readIpv4(bytes: DataView, at: number): Inside | undefined {
  if (bytes.getUint8(at) >> 4 !== 4) return undefined
  const isLaterFragment = (bytes.getUint16(at + 6) & 0x1fff) !== 0
  if (isLaterFragment) return undefined
  return {
    src: digits(bytes, at + 12, 4),
    dst: digits(bytes, at + 16, 4),
    protocol: bytes.getUint8(at + 9),
    at: at + (bytes.getUint8(at) & 15) * 4,
    end: at + bytes.getUint16(at + 2),
  }
}

function readIpv6(bytes: DataView, start: number): Inside | undefined {
  if (bytes.getUint8(start) >> 4 !== 6) return undefined
  let protocol = bytes.getUint8(start + 6)
  let at = start + 40
  for (;;) {
    if (plainExtensions.includes(protocol)) {
      protocol = bytes.getUint8(at)
      at += (bytes.getUint8(at + 1) + 1) * 8
    } else if (protocol === authenticationHeader) {
      protocol = bytes.getUint8(at)
      at += (bytes.getUint8(at + 1) + 2) * 4
    } else if (protocol === fragmentHeader) {
      const isLaterFragment = bytes.getUint16(at + 2) >> 3 !== 0
      if (isLaterFragment) return undefined
      protocol = bytes.getUint8(at)
      at += 8
    } else {
      const end = start + 40 + bytes.getUint16(start + 4)
      return { src: digits(bytes, start + 8, 16), dst: digits(bytes, start + 24, 16), protocol, at, end }
    }
  }
}

function readTransport(bytes: DataView, { src, dst, protocol, at, end }: Inside, timeUs: number) {
  const packet: Packet = {
    timeUs,
    src,
    dst,
    protocol,
    srcPort: 0,
    dstPort: 0,
    payloadBytes: 0,
    headerBytes: 0,
    flags: '',
    window: 0,
    icmpType: -1,
    icmpCode: -1,
  }
  if (protocol === 1 || protocol === 58) {
    return { ...packet, icmpType: bytes.getUint8(at), icmpCode: bytes.getUint8(at + 1) }
  }
  if (protocol !== 6 && protocol !== 17) return undefined
  const headerBytes = protocol === 17 ? 8 : (bytes.getUint8(at + 12) >> 4) * 4
  const withPorts = {
    ...packet,
    srcPort: bytes.getUint16(at),
    dstPort: bytes.getUint16(at + 2),
    headerBytes,
    payloadBytes: end - at - headerBytes,
  }
  if (protocol === 17) return withPorts
  const bits = bytes.getUint8(at + 13)
  const flags = [...'FSRPAUEC'].filter((_, bit) => (bits >> bit) & 1).join('')
  return { ...withPorts, flags, window: bytes.getUint16(at + 14) }
}

function digits(bytes: DataView, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('hex')
}
