/** Captures in the forms that other programs write, made of Ethernet frames, for tests. */

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PcapInput } from '../../lab/pcap.js'
import { root } from './loaded-programs.js'

export interface CaptureForm {
  readonly format: 'pcap' | 'pcapng'
  /** LINKTYPE number. */
  readonly linkType: number
  readonly isBigEndian: boolean
  /** Units of time in a second. pcap knows 1e6 and 1e9. */
  readonly perSecond: number
}

export const plainForm: CaptureForm = { format: 'pcap', linkType: 1, isBigEndian: false, perSecond: 1e6 }

/** Forms that hold the same frames as a plain one, as `encodeCapture` makes them. */
export const captureForms: readonly { readonly name: string; readonly form: Partial<CaptureForm> }[] = [
  { name: 'big-endian', form: { isBigEndian: true } },
  { name: 'nanoseconds', form: { perSecond: 1e9 } },
  { name: 'big-endian nanoseconds', form: { perSecond: 1e9, isBigEndian: true } },
  { name: 'pcapng', form: { format: 'pcapng' } },
  { name: 'big-endian pcapng', form: { format: 'pcapng', isBigEndian: true } },
  { name: 'pcapng in nanoseconds', form: { format: 'pcapng', perSecond: 1e9 } },
  { name: 'big-endian pcapng in nanoseconds', form: { format: 'pcapng', perSecond: 1e9, isBigEndian: true } },
  { name: 'Linux cooked', form: { linkType: 113 } },
  { name: 'Linux cooked, version 2', form: { linkType: 276 } },
  { name: 'Linux cooked pcapng', form: { format: 'pcapng', linkType: 113 } },
  { name: 'raw IP', form: { linkType: 101 } },
  { name: 'BSD loopback', form: { linkType: 0 } },
  { name: 'OpenBSD loopback', form: { linkType: 108 } },
]

/** Frames without VLAN tags, in another form. */
export function encodeCapture(packets: readonly PcapInput[], given: Partial<CaptureForm> = {}): Uint8Array {
  const form = { ...plainForm, ...given }
  const relinked = packets.map((packet) => ({ ...packet, data: relink(packet.data, form.linkType) }))
  return Buffer.concat(form.format === 'pcap' ? pcap(relinked, form) : pcapng(relinked, form))
}

interface Fields {
  u16(value: number): Buffer
  u32(value: number): Buffer
}

function fields(isBigEndian: boolean): Fields {
  const make = (bytes: number) => (value: number) => {
    const buffer = Buffer.alloc(bytes)
    if (isBigEndian) buffer.writeUIntBE(value, 0, bytes)
    else buffer.writeUIntLE(value, 0, bytes)
    return buffer
  }
  return { u16: make(2), u32: make(4) }
}

/** The IP packet of an Ethernet frame behind another link header. */
function relink(frame: Uint8Array, linkType: number): Uint8Array {
  const [type, packet] = [frame.subarray(12, 14), frame.subarray(14)]
  const family = type[0] === 0x08 ? 2 : 10
  const headers: Readonly<Record<number, () => Uint8Array>> = {
    0: () => Uint8Array.of(family, 0, 0, 0),
    1: () => frame.subarray(0, 14),
    101: () => new Uint8Array(0),
    108: () => Uint8Array.of(0, 0, 0, family),
    113: () => Uint8Array.of(0, 4, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, ...type),
    276: () => Uint8Array.of(...type, 0, 0, 0, 0, 0, 2, 0, 1, 4, 6, 1, 2, 3, 4, 5, 6, 0, 0),
  }
  return Buffer.concat([headers[linkType]!(), packet])
}

function pcap(packets: readonly PcapInput[], form: CaptureForm): Buffer[] {
  const { u16, u32 } = fields(form.isBigEndian)
  const magic = form.perSecond === 1e9 ? 0xa1b23c4d : 0xa1b2c3d4
  const unitsPerUs = form.perSecond / 1e6
  return [
    u32(magic),
    u16(2),
    u16(4),
    ...[0, 0, 262_144, form.linkType].map(u32),
    ...packets.flatMap(({ timeUs, data, originalLength = data.length }) => [
      u32(Math.floor(timeUs / 1e6)),
      // The smallest units are more than the whole microseconds, as on a real clock.
      u32((timeUs % 1e6) * unitsPerUs + (unitsPerUs - 1)),
      u32(data.length),
      u32(originalLength),
      Buffer.from(data),
    ]),
  ]
}

function pcapng(packets: readonly PcapInput[], form: CaptureForm): Buffer[] {
  const { u16, u32 } = fields(form.isBigEndian)
  const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)])
  const block = (type: number, ...body: Uint8Array[]) => {
    const length = u32(12 + body.reduce((sum, part) => sum + part.length, 0))
    return Buffer.concat([u32(type), length, ...body, length])
  }
  const resolution = Math.log10(form.perSecond)
  const option = (code: number, value: Uint8Array) =>
    Buffer.concat([u16(code), u16(value.length), padded(value)])
  const unitsPerUs = BigInt(form.perSecond / 1e6)
  return [
    block(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)),
    // A block that readers pass over: names.
    block(4, u16(0), u16(0)),
    block(
      1,
      u16(form.linkType),
      u16(0),
      u32(0),
      option(2, Buffer.from('eth0')),
      option(9, Uint8Array.of(resolution)),
      option(0, new Uint8Array(0)),
    ),
    ...packets.map(({ timeUs, data, originalLength = data.length }) => {
      const stamp = BigInt(timeUs) * unitsPerUs + (unitsPerUs - 1n)
      return block(
        6,
        u32(0),
        u32(Number(stamp >> 32n)),
        u32(Number(stamp & 0xffffffffn)),
        u32(data.length),
        u32(originalLength),
        padded(data),
        option(1, Buffer.from('a comment')),
        option(0, new Uint8Array(0)),
      )
    }),
  ]
}

/** Why no capture can be read here, or undefined when one can. */
export function readingUnavailable(): string | undefined {
  const missing = ['build/host/live', 'models/flow-gbt/manifest.json'].filter(
    (file) => !existsSync(join(root, file)),
  )
  return missing.length === 0 ? undefined : `${missing.join(' and ')} not there: run make`
}
