/** Frames with faults, drawn by a seed: what a network card, an attacker or a broken switch may hand over. */

import {
  arp,
  ethernet,
  frame,
  icmpPacket,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  opaque,
  pppoe,
  tcp,
  tcpPacket,
  udp,
  udpPacket,
} from '../../lab/packet.js'
import { goldenCaptures } from './golden/captures.js'
import type { Random } from './random.js'

const ends4 = { src: '192.0.2.10', dst: '203.0.113.80' }
const ends6 = { src: '2001:db8:5::10', dst: '2001:db8:6::80' }
const ports = { srcPort: 40_001, dstPort: 443 }
const ethernetBytes = 14
const maxBytes = 9600
/** Bytes of a frame that faults fall into: headers, tags and extension headers. */
const headBytes = 160

/** Frames without a fault: those of the golden captures, and forms that are rare there. */
export function soundFrames(): Uint8Array[] {
  const qinq = [
    { tpid: 0x88a8, vid: 7 },
    { tpid: 0x8100, vid: 8 },
  ]
  const options = new Uint8Array(14)
  const fragmented = { payload: udp({ ...ports, payload: new Uint8Array(160) }) }
  const inner4 = ipv4({ src: '10.9.8.7', dst: '10.9.8.6', payload: tcp(ports) })
  const inner6 = ipv6({ ...ends6, payload: udp(ports) })
  return [
    ...[...goldenCaptures.values()].flat().map(({ data }) => data),
    tcpPacket({ ...ends4, ...ports, vlans: qinq, payload: 'GET / HTTP/1.1' }),
    udpPacket({ ...ends6, ...ports, vlans: [{ vid: 7 }], minBytes: 60 }),
    tcpPacket({
      ...ends6,
      ...ports,
      extensions: [
        { type: 'hopByHop', options },
        { type: 'destination', options },
        { type: 'hopByHop', options },
      ],
    }),
    ...ipv4Fragments({ ...ends4, ...fragmented }, 64).map((payload) => ethernet({ payload })),
    ...ipv6Fragments({ ...ends6, ...fragmented }, 64).map((payload) => ethernet({ payload })),
    // Tunnels: IPv4 and IPv6 in IPv4, IPv4 in IPv6, GRE, VXLAN, PPPoE.
    frame({ ...ends4, payload: opaque(4, inner4.bytes()) }),
    frame({ ...ends4, payload: opaque(41, inner6.bytes()) }),
    frame({ ...ends6, payload: opaque(4, inner4.bytes()) }),
    frame({ ...ends4, payload: opaque(47, Uint8Array.of(0, 0, 8, 0, ...inner4.bytes())) }),
    udpPacket({
      ...ends4,
      srcPort: 50_000,
      dstPort: 4789,
      payload: Uint8Array.of(8, 0, 0, 0, 0, 0, 7, 0, ...tcpPacket({ ...ends4, ...ports })),
    }),
    ethernet({ payload: pppoe({ payload: inner4 }) }),
    ethernet({ payload: arp({ senderIp: ends4.src, targetIp: ends4.dst }) }),
    icmpPacket(ends4),
    icmpPacket({ ...ends6, type: 135, ttl: 255 }),
    // Jumbo frames.
    tcpPacket({ ...ends4, ...ports, flags: 'A', payload: new Uint8Array(8960) }),
    udpPacket({ ...ends6, ...ports, payload: new Uint8Array(5000) }),
  ]
}

/** @returns a frame with one to three faults, valid until the next call */
export function createMutants(random: Random, sound: readonly Uint8Array[]): () => Uint8Array {
  const bytes = new Uint8Array(maxBytes)
  const view = new DataView(bytes.buffer)
  let length = 0

  /** A place in the headers. */
  const place = () => random.below(Math.max(1, Math.min(length, headBytes)))
  /** Where the IP header begins, when the frame has one. */
  const network = () => {
    let at = ethernetBytes
    while (at < length && [0x8100, 0x88a8, 0x9100].includes(view.getUint16(at - 2))) at += 4
    return at
  }
  const edge16 = () => random.pick([0, 1, 7, 8, 19, 20, 21, 39, 40, 59, 60, 1500, 0x7fff, 0x8000, 0xffff])
  const faults: readonly (() => void)[] = [
    function bits() {
      for (let n = 1 + random.below(8); n > 0; n--) bytes[place()]! ^= 1 << random.below(8)
    },
    function sourceBit() {
      const isV4 = (bytes[network()] as number) >> 4 === 4
      const at = network() + (isV4 ? 12 + random.below(4) : 8 + random.below(16))
      bytes[at]! ^= 1 << random.below(8)
    },
    function anyByte() {
      bytes[place()] = random.pick([0, 1, 0x7f, 0x80, 0xff, random.below(256)])
    },
    function cut() {
      length = random.below(length + 1)
    },
    function runt() {
      length = Math.min(length, random.below(64))
    },
    function longer() {
      const more = random.next() < 0.02 ? random.below(maxBytes - length + 1) : random.below(64)
      const end = Math.min(maxBytes, length + more)
      bytes.fill(random.below(256), length, end)
      length = end
    },
    function headerLength() {
      const at = network()
      bytes[at] = (bytes[at]! & 0xf0) | random.below(16)
    },
    function ipLength() {
      const at = network()
      view.setUint16(
        at + (bytes[at]! >> 4 === 4 ? 2 : 4),
        random.next() < 0.5 ? edge16() : random.below(65_536),
      )
    },
    function fragmentField() {
      view.setUint16(network() + 6, random.pick([0x2000, 0x2001, 0x0001, 0x1fff, 0x4000, 0x8000]))
    },
    function protocol() {
      const at = network()
      const numbers = [0, 1, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 135, random.below(256)]
      bytes[at + (bytes[at]! >> 4 === 4 ? 9 : 6)] = random.pick(numbers)
    },
    function extensionChain() {
      const at = network()
      if (bytes[at]! >> 4 !== 6) return
      let header = at + 40
      bytes[at + 6] = random.pick([0, 43, 44, 51, 60])
      for (let n = random.below(10); n > 0 && header + 16 <= maxBytes; n--) {
        bytes[header] = random.pick([0, 6, 17, 43, 44, 51, 58, 60])
        bytes[header + 1] = random.pick([0, 0, 0, 1, 2, 255])
        header += 8
      }
      length = Math.max(length, Math.min(header, maxBytes))
    },
    function transportOffset() {
      const at = network() + (bytes[network()]! >> 4 === 4 ? 20 : 40)
      bytes[at + 12] = random.below(256)
      if (random.next() < 0.3) view.setUint16(at + 4, edge16())
    },
    function tags() {
      for (let n = 1 + random.below(4); n > 0; n--) {
        if (length < ethernetBytes || length + 4 > maxBytes) return
        bytes.copyWithin(16, 12, length)
        view.setUint16(12, random.pick([0x8100, 0x88a8, 0x9100]))
        view.setUint16(14, random.below(65_536))
        length += 4
      }
    },
    function tail() {
      const other = random.pick(sound)
      const at = random.below(Math.min(length, other.length) + 1)
      bytes.set(other.subarray(at), at)
      length = other.length
    },
  ]

  return () => {
    const base = random.pick(sound)
    bytes.fill(0, 0, headBytes * 2)
    bytes.set(base)
    length = base.length
    for (let n = 1 + random.below(3); n > 0; n--) random.pick(faults)()
    return bytes.subarray(0, length)
  }
}
