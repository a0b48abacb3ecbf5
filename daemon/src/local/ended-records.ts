/** Of what the kernel tells, the records of flows that ended; on request in the order in which flows began. */

import { flowRecord, RecordType } from '../kernel/wire.js'
import type { RecordChunk } from './extract.js'

export interface EndedRecords {
  /** Takes whole records of any type; keeps those of ended flows. */
  take(bytes: Uint8Array): void
  /** Makes room for so many more at once. */
  reserve(records: number): void
  /** Records since the last call, valid until the next `take`; undefined when there are none. */
  chunk(): RecordChunk | undefined
  /** The same, ordered by flow id, a chunk after the other. */
  inOrder(): Generator<RecordChunk>
  /** What was taken and not kept, so far. */
  readonly unwanted: { readonly flows: number; readonly packets: number }
}

/** Records in one ordered chunk. */
const chunkRecords = 2048
/** What is kept begins with so many bytes, and doubles. */
const firstBytes = 1 << 20

/** @param isWanted asked with the IP protocol of the flow */
export function createEndedRecords(isWanted: (protocol: number) => boolean): EndedRecords {
  const { get, size } = flowRecord
  let kept = new Uint8Array(firstBytes)
  let used = 0
  const unwanted = { flows: 0, packets: 0 }

  const makeRoom = (bytes: number) => {
    if (bytes <= kept.length) return
    const larger = new Uint8Array(bytes)
    larger.set(kept.subarray(0, used))
    kept = larger
  }
  const chunkOf = (bytes: Uint8Array): RecordChunk => ({
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  })

  return {
    take(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let at = 0; at < bytes.length; at += get.headerLength(view, at)) {
        if (get.headerType(view, at) !== RecordType.ended) continue
        if (!isWanted(get.keyProtocol(view, at))) {
          unwanted.flows++
          unwanted.packets += get.flowDir0Packets(view, at) + get.flowDir1Packets(view, at)
          continue
        }
        if (used + size > kept.length) makeRoom(kept.length * 2)
        kept.set(bytes.subarray(at, at + size), used)
        used += size
      }
    },
    reserve: (records) => makeRoom(used + records * size),
    chunk() {
      if (used === 0) return undefined
      const chunk = chunkOf(kept.subarray(0, used))
      used = 0
      return chunk
    },
    *inOrder() {
      const count = used / size
      const view = new DataView(kept.buffer)
      const ids = Float64Array.from({ length: count }, (_, i) => get.flowId(view, i * size))
      const order = Uint32Array.from(ids.keys()).sort((a, b) => (ids[a] as number) - (ids[b] as number))
      const out = new Uint8Array(chunkRecords * size)
      for (let first = 0; first < count; first += chunkRecords) {
        const part = order.subarray(first, first + chunkRecords)
        for (const [i, from] of part.entries())
          out.set(kept.subarray(from * size, (from + 1) * size), i * size)
        yield chunkOf(out.subarray(0, part.length * size))
      }
      used = 0
    },
    unwanted,
  }
}
