/** Drawn conversations as a capture: Ethernet, IPv4, right checksums, data of zeros, nothing cut. */

import { closeSync, openSync, writeSync } from 'node:fs'
import { checksum, tcpOptions, tcpPacket, udpPacket } from '../../lab/packet.js'
import { encodePcap } from '../../lab/pcap.js'
import { type Conversations, indexes } from './conversations.js'

const chunkBytes = 1 << 24
const recordHeaderBytes = 16
/** More than any record. */
const roomBytes = 1 << 12
const ipAt = 14
const transportAt = 34
const syn = 2
/** When the capture begins, seconds since 1970. */
const epochSeconds = 1_767_225_600

/** Where the packets of a head end in the file, bytes, by their number. */
export type Ends = Readonly<Record<number, number>>

/** @param heads numbers of packets whose end is asked for @throws Error when the disk has no room */
export function writeCapture(path: string, table: Conversations, heads: readonly number[]): Ends {
  const ends: Record<number, number> = {}
  const chunk = Buffer.alloc(chunkBytes)
  const put = createFrames(table, chunk)
  const file = openSync(path, 'w')
  try {
    let written = 0
    let used = 0
    const flush = () => {
      for (let at = 0; at < used; ) at += writeSync(file, chunk, at, used - at)
      written += used
      chunk.fill(0, 0, used)
      used = 0
    }
    const header = encodePcap([])
    chunk.set(header)
    used = header.length
    for (const [i, key] of table.inTime.entries()) {
      if (used + roomBytes > chunkBytes) flush()
      const timeUs = Math.floor(key / indexes)
      const bytes = put(key - timeUs * indexes, used + recordHeaderBytes)
      chunk.writeUInt32LE(epochSeconds + Math.floor(timeUs / 1e6), used)
      chunk.writeUInt32LE(timeUs % 1e6, used + 4)
      chunk.writeUInt32LE(bytes, used + 8)
      chunk.writeUInt32LE(bytes, used + 12)
      used += recordHeaderBytes + bytes
      if (heads.includes(i + 1)) ends[i + 1] = written + used
    }
    flush()
    return { ...ends, [table.inTime.length]: written }
  } finally {
    closeSync(file)
  }
}

/** @returns what puts the frame of a packet into the chunk, whose bytes there are 0, and says how long the frame is */
function createFrames(table: Conversations, chunk: Buffer): (packet: number, at: number) => number {
  const ends = { src: '10.1.0.1', dst: '198.18.0.1', srcPort: 1, dstPort: 1 }
  const timestamps = [1, 1] as const
  const options = { mss: 1_460, sackPermitted: true, timestamps, windowScale: 7 }
  const models = {
    syn: tcpPacket({ ...ends, options: tcpOptions(options) }),
    tcp: tcpPacket({ ...ends, options: tcpOptions({ timestamps }) }),
    udp: udpPacket(ends),
  }
  /** The addresses and what follows them in the pseudo-header. */
  const pseudo = Buffer.alloc(12)
  return (packet, at) => {
    const flow = table.conversation[packet]!
    const isUdp = table.isUdp[flow] === 1
    const flags = table.flags[packet]!
    const payloadBytes = table.payloadBytes[packet]!
    const model = isUdp ? models.udp : (flags & syn) === 0 ? models.tcp : models.syn
    const isBackward = table.isBackward[packet] === 1
    const [src, dst] = isBackward ? [table.dst, table.src] : [table.src, table.dst]
    const [srcPort, dstPort] = isBackward ? [table.dstPort, table.srcPort] : [table.srcPort, table.dstPort]
    const ip = at + ipAt
    const transport = at + transportAt
    const segmentBytes = model.length - transportAt + payloadBytes
    chunk.set(model, at)
    chunk.writeUInt16BE(transportAt - ipAt + segmentBytes, ip + 2)
    chunk.writeUInt16BE(packet & 0xffff, ip + 4)
    chunk.writeUInt16BE(0, ip + 10)
    chunk.writeUInt32BE(src[flow]!, ip + 12)
    chunk.writeUInt32BE(dst[flow]!, ip + 16)
    chunk.writeUInt16BE(checksum(chunk.subarray(ip, transport)), ip + 10)
    chunk.writeUInt16BE(srcPort[flow]!, transport)
    chunk.writeUInt16BE(dstPort[flow]!, transport + 2)
    if (isUdp) {
      chunk.writeUInt16BE(segmentBytes, transport + 4)
    } else {
      chunk.writeUInt32BE(table.seq[packet]!, transport + 4)
      chunk.writeUInt32BE(table.ack[packet]!, transport + 8)
      chunk[transport + 13] = flags
    }
    const checksumAt = transport + (isUdp ? 6 : 16)
    chunk.writeUInt16BE(0, checksumAt)
    chunk.copy(pseudo, 0, ip + 12, transport)
    pseudo[9] = isUdp ? 17 : 6
    pseudo.writeUInt16BE(segmentBytes, 10)
    // Data of zeros adds nothing to a checksum.
    chunk.writeUInt16BE(checksum(pseudo, chunk.subarray(transport, at + model.length)), checksumAt)
    return model.length + payloadBytes
  }
}
