/** Conversations as plain data: what is drawn, made smaller, printed, and turned into frames. */

import {
  type FrameOptions,
  type IcmpOptions,
  icmpPacket,
  type TcpOptions,
  tcpPacket,
  type UdpOptions,
  udpPacket,
} from '../../../lab/packet.js'
import { type Packet, readPacket } from './packets.js'

type Described<Fields> = FrameOptions & Omit<Fields, 'payload'> & { readonly payloadBytes?: number }

/** One packet by the fields of the packet builder; its payload is that many zeros, none by default. */
export type ScenePacket = { readonly timeUs: number } & (
  | { readonly tcp: Described<TcpOptions> }
  | { readonly udp: Described<UdpOptions> }
  | { readonly icmp: Described<Omit<IcmpOptions, 'id'>> }
)

/** Packets of any number of conversations, in order of time. */
export type Scene = readonly ScenePacket[]

export interface TimedFrame {
  readonly timeUs: number
  readonly data: Uint8Array
}

export function framesOf(scene: Scene): TimedFrame[] {
  return scene.map((packet) => ({ timeUs: packet.timeUs, data: frameOf(packet) }))
}

/** What the slow reference reads of frames; those that belong to no flow are left out. */
export function packetsOf(frames: readonly TimedFrame[]): Packet[] {
  return frames.flatMap(({ timeUs, data }) => readPacket(data, timeUs) ?? [])
}

/** One line per packet: time since the first one, us, and the fields. */
export function sceneText(scene: Scene): string {
  return scene
    .map(
      ({ timeUs, ...fields }) =>
        `+${timeUs - (scene[0]?.timeUs ?? 0)} us ${JSON.stringify(fields, shortBytes)}`,
    )
    .join('\n')
}

function shortBytes(_: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}

function frameOf(packet: ScenePacket): Uint8Array {
  if ('tcp' in packet) return tcpPacket({ ...packet.tcp, payload: zeros(packet.tcp) })
  if ('udp' in packet) return udpPacket({ ...packet.udp, payload: zeros(packet.udp) })
  return icmpPacket({ ...packet.icmp, payload: zeros(packet.icmp) })
}

function zeros({ payloadBytes = 0 }: { readonly payloadBytes?: number }): Uint8Array {
  return new Uint8Array(payloadBytes)
}
