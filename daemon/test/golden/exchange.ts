/** Tables of packets to frames: one line a packet, `>` from the first end and `<` from the second. */

import { type FrameOptions, icmpPacket, type TcpOptions, tcpPacket, udpPacket } from '../../../lab/packet.js'
import type { TimedFrame } from '../oracle/scene.js'

/** Time that a table counts from, us since 1970. */
export const baseUs = 1_700_000_000_000_000

export interface Ends {
  readonly src: string
  readonly dst: string
  /** Default 40 001 and 443. */
  readonly srcPort?: number
  readonly dstPort?: number
  readonly link?: Pick<FrameOptions, 'vlans' | 'minBytes' | 'extensions'>
}

type Way = '>' | '<'
export type TcpLine = readonly [
  atUs: number,
  way: Way,
  flags: string,
  payloadBytes?: number,
  more?: Pick<TcpOptions, 'window' | 'options' | 'urgent'>,
]
export type UdpLine = readonly [atUs: number, way: Way, payloadBytes: number]
export type IcmpLine = readonly [atUs: number, way: Way, type: number, code: number]

/** Sequence numbers go on with the payload, SYN and FIN of each side. */
export function tcpFrames(ends: Ends, lines: readonly TcpLine[]): TimedFrame[] {
  const next = { '>': 1000, '<': 9000 }
  return lines.map(([atUs, way, flags, payloadBytes = 0, more = {}]) => {
    const frame = tcpPacket({
      ...fields(ends, way),
      flags,
      seq: next[way],
      ack: flags.includes('A') ? next[way === '>' ? '<' : '>'] : 0,
      payload: new Uint8Array(payloadBytes),
      ...more,
    })
    next[way] += payloadBytes + (/[SF]/.test(flags) ? 1 : 0)
    return { timeUs: baseUs + atUs, data: frame }
  })
}

export function udpFrames(ends: Ends, lines: readonly UdpLine[]): TimedFrame[] {
  return lines.map(([atUs, way, payloadBytes]) => ({
    timeUs: baseUs + atUs,
    data: udpPacket({ ...fields(ends, way), payload: new Uint8Array(payloadBytes) }),
  }))
}

export function icmpFrames(ends: Ends, lines: readonly IcmpLine[]): TimedFrame[] {
  return lines.map(([atUs, way, type, code]) => ({
    timeUs: baseUs + atUs,
    data: icmpPacket({ ...fields(ends, way), type, code, payload: new Uint8Array(32) }),
  }))
}

/** Several exchanges as one capture sees them. */
export function mixed(...exchanges: readonly (readonly TimedFrame[])[]): TimedFrame[] {
  return exchanges.flat().sort((a, b) => a.timeUs - b.timeUs)
}

function fields({ src, dst, srcPort = 40_001, dstPort = 443, link = {} }: Ends, way: Way) {
  return way === '>'
    ? { src, dst, srcPort, dstPort, ...link }
    : { src: dst, dst: src, srcPort: dstPort, dstPort: srcPort, ...link }
}
