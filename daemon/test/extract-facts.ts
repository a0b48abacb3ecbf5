/** What the host program `extract` says and tells, taken apart for tests. */

import { decodeBatch } from '../src/decode/batch.js'
import type { FlowRecord } from '../src/decode/flow-record.js'
import { flowRecord } from '../src/kernel/wire.js'
import type { Extracted } from './host-extract.js'

export interface ExtractFault {
  /** Of the file, from 0 in the order given. */
  readonly file: number
  readonly atByte: number
  readonly why: string
}

export function faultsOf({ message }: Extracted): ExtractFault[] {
  return [...message.matchAll(/^fault (\d+) (\d+) (.*)$/gm)].map(([, file, at, why]) => ({
    file: Number(file),
    atByte: Number(at),
    why: why as string,
  }))
}

/** @returns NaN for what was not said */
export function countOf({ message }: Extracted, name: string): number {
  const found = new RegExp(`^${name} (\\d+)$`, 'm').exec(message)
  return found === null ? Number.NaN : Number(found[1])
}

/** In the order in which they were told. Throws Error on what is no record of an ended flow. */
export function flowsOf({ records }: Extracted): FlowRecord[] {
  const { flows, unknown } = decodeBatch(records, { wallOffsetUs: 0 })
  if (unknown > 0 || flows.some(({ kind }) => kind !== 'ended')) throw new Error('not only ended flows')
  return flows
}

/** Retransmissions of each flow, forward and backward, in the order in which they were told. */
export function retransmissionsOf({ records }: Extracted): [forward: number, backward: number][] {
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const found: [number, number][] = []
  for (let at = 0; at < records.length; at += flowRecord.size + 8) {
    if (flowRecord.get.headerLength(view, at) !== flowRecord.size + 8)
      throw new Error('a record without them')
    found.push([view.getUint32(at + flowRecord.size, true), view.getUint32(at + flowRecord.size + 4, true)])
  }
  return found
}
