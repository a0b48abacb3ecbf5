/** Classic capture files: microseconds and nanoseconds, both byte orders. */

import { readFileSync, writeFileSync } from 'node:fs'

/** One captured packet. */
export interface PcapPacket {
  /** Time of capture, whole microseconds since 1970. */
  readonly timeUs: number
  /** The captured bytes. */
  readonly data: Uint8Array
  /** Length on the wire, bytes; larger than `data.length` when the capture cut the packet. */
  readonly originalLength: number
}

/** A capture file. */
export interface Pcap {
  /** LINKTYPE number; 1 is Ethernet. */
  readonly linkType: number
  readonly packets: PcapPacket[]
  /** True when the file ends inside a record, as after a capture that was cut off; that record is left out. */
  readonly isTruncated: boolean
}

/** What `writePcap` needs of a packet; `originalLength` defaults to the length of the data. */
export type PcapInput = Omit<PcapPacket, 'originalLength'> & { readonly originalLength?: number }

const magicMicroseconds = 0xa1b2c3d4
const magicNanoseconds = 0xa1b23c4d
const magicPcapng = 0x0a0d0d0a
const fileHeaderBytes = 24
const recordHeaderBytes = 16
/** Largest record of libpcap, MAXIMUM_SNAPLEN. */
const maxRecordBytes = 262_144

/** Reads a capture. Throws the error of `readFileSync`, or RangeError when the file is not a classic capture. */
export function readPcap(path: string): Pcap {
  return decodePcap(readFileSync(path), path)
}

/** Writes a little-endian microsecond capture. `linkType` defaults to Ethernet. Throws the error of `writeFileSync`. */
export function writePcap(path: string, packets: Iterable<PcapInput>, linkType = 1): void {
  writeFileSync(path, encodePcap(packets, linkType))
}

/** Decodes a capture held in memory; packets share its bytes. Throws RangeError; `name` stands in the message. */
export function decodePcap(file: Uint8Array, name = 'capture'): Pcap {
  const bytes = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.length < fileHeaderBytes)
    throw new RangeError(`${name}: ${file.length} bytes, too short for a capture`)
  const isLittle = [magicMicroseconds, magicNanoseconds].includes(bytes.getUint32(0, true))
  const magic = bytes.getUint32(0, isLittle)
  if (magic === magicPcapng) throw new RangeError(`${name}: pcapng; convert it with "tcpdump -r in -w out"`)
  if (magic !== magicMicroseconds && magic !== magicNanoseconds)
    throw new RangeError(`${name}: not a capture file`)
  const unitsPerUs = magic === magicNanoseconds ? 1000 : 1
  const packets: PcapPacket[] = []
  let at = fileHeaderBytes
  while (at + recordHeaderBytes <= file.length) {
    const captured = bytes.getUint32(at + 8, isLittle)
    if (captured > maxRecordBytes) throw new RangeError(`${name}: record of ${captured} bytes at ${at}`)
    const start = at + recordHeaderBytes
    if (start + captured > file.length) break
    packets.push({
      timeUs:
        bytes.getUint32(at, isLittle) * 1e6 + Math.floor(bytes.getUint32(at + 4, isLittle) / unitsPerUs),
      data: file.subarray(start, start + captured),
      originalLength: bytes.getUint32(at + 12, isLittle),
    })
    at = start + captured
  }
  // The upper bits of the link type field hold the length of a frame check sequence.
  return { linkType: bytes.getUint32(20, isLittle) & 0xffff, packets, isTruncated: at < file.length }
}

/** Encodes a little-endian microsecond capture. */
export function encodePcap(packets: Iterable<PcapInput>, linkType = 1): Uint8Array {
  const header = Buffer.alloc(fileHeaderBytes)
  header.writeUInt32LE(magicMicroseconds, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(maxRecordBytes, 16)
  header.writeUInt32LE(linkType, 20)
  const parts: Uint8Array[] = [header]
  for (const { timeUs, data, originalLength = data.length } of packets) {
    const record = Buffer.alloc(recordHeaderBytes)
    record.writeUInt32LE(Math.floor(timeUs / 1e6), 0)
    record.writeUInt32LE(Math.floor(timeUs % 1e6), 4)
    record.writeUInt32LE(data.length, 8)
    record.writeUInt32LE(originalLength, 12)
    parts.push(record, data)
  }
  return Buffer.concat(parts)
}
