/**
 * What earlier records told of each flow, so that the growth between two records can be read. A table of fixed size
 * without objects: of eight places for a flow, the one that was used least recently is taken.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import { readAnswer } from './probe.js'

export type Answer = 'none' | 'refused' | 'opened'

/** How a flow grew since the record before. One object, overwritten by each call of `take`. */
export interface FlowGrowth {
  /** Place of the flow in the table; it holds until the next call of `take`. */
  place: number
  /** An older record than one seen before, or the same again: it tells nothing. */
  isStale: boolean
  /** The growth took place from here to the record's `lastUs`, us since 1970. */
  fromUs: number
  packetsFwd: number
  packetsBwd: number
  syns: number
  /** Payload, bytes. */
  bytesFwd: number
  bytesBwd: number
  /** What came back so far. */
  answer: Answer
}

/** What a detector counted of a flow and may have to take back. */
export interface Counted {
  /** Packets. */
  readonly packets: Uint32Array
  /** Since when, us since 1970; meaningless at 0 packets. */
  readonly sinceUs: Float64Array
}

export interface FlowMemory {
  take(flow: FlowRecord): FlowGrowth
  /** Bits for the caller by place, 0 for a flow that was not known. */
  readonly marks: Uint8Array
  /** Packets counted in a flood, by place. */
  readonly flood: Counted
  /** Packets counted in the rate of the source, by place. */
  readonly rate: Counted
}

const WAYS = 8
const ANSWERS: readonly Answer[] = ['none', 'refused', 'opened']

/** @param capacity flows; rounded up to a power of two */
export function createFlowMemory(capacity: number): FlowMemory {
  const sets = 2 ** Math.max(0, Math.ceil(Math.log2(capacity / WAYS)))
  const size = sets * WAYS
  /** Id + 1; 0: free. */
  const ids = new Float64Array(size)
  const usedAt = new Uint32Array(size)
  const lastUs = new Float64Array(size)
  const seqs = new Uint32Array(size)
  const packetsFwd = new Uint32Array(size)
  const packetsBwd = new Uint32Array(size)
  const syns = new Uint32Array(size)
  const synsAlone = new Uint32Array(size)
  const bytesFwd = new Float64Array(size)
  const bytesBwd = new Float64Array(size)
  const answers = new Uint8Array(size)
  const marks = new Uint8Array(size)
  const counted = (): Counted => ({ packets: new Uint32Array(size), sinceUs: new Float64Array(size) })
  const flood = counted()
  const rate = counted()
  const growth: FlowGrowth = {
    place: 0,
    isStale: false,
    fromUs: 0,
    packetsFwd: 0,
    packetsBwd: 0,
    syns: 0,
    bytesFwd: 0,
    bytesBwd: 0,
    answer: 'none',
  }
  let turn = 0

  /** Where the flow is, or where it may be: then the place is cleared. */
  function placeOf(flow: FlowRecord): number {
    const id = flow.id + 1
    const set = ((id >>> 0) ^ Math.imul(id / 2 ** 32, 0x9e3779b1)) & (sets - 1)
    let place = set * WAYS
    let least = place
    for (const end = place + WAYS; place < end; place++) {
      if (ids[place] === id) return place
      if (usedAt[place]! < usedAt[least]!) least = place
    }
    ids[least] = id
    lastUs[least] = flow.startUs
    packetsFwd[least] = 0
    packetsBwd[least] = 0
    syns[least] = 0
    synsAlone[least] = 1
    bytesFwd[least] = 0
    bytesBwd[least] = 0
    answers[least] = 0
    marks[least] = 0
    flood.packets[least] = 0
    rate.packets[least] = 0
    usedAt[least] = 0
    return least
  }

  function readAnswerAt(place: number, flow: FlowRecord): void {
    if (answers[place] === 2) return
    const answer = readAnswer(flow, synsAlone[place]!)
    if (answer === 'opened') answers[place] = 2
    else if (answer === 'refused') answers[place] = 1
    else synsAlone[place] = Math.max(synsAlone[place]!, flow.synCount)
  }

  return {
    marks,
    flood,
    rate,
    take: (flow) => {
      const place = placeOf(flow)
      growth.place = place
      growth.isStale = usedAt[place] !== 0 && flow.seq <= seqs[place]!
      if (growth.isStale) return growth
      turn = (turn + 1) >>> 0 || 1
      usedAt[place] = turn
      seqs[place] = flow.seq
      growth.fromUs = Math.min(lastUs[place]!, flow.lastUs)
      lastUs[place] = flow.lastUs
      growth.packetsFwd = Math.max(0, flow.packetsFwd - packetsFwd[place]!)
      packetsFwd[place] = flow.packetsFwd
      growth.packetsBwd = Math.max(0, flow.packetsBwd - packetsBwd[place]!)
      packetsBwd[place] = flow.packetsBwd
      growth.syns = Math.max(0, flow.synCount - syns[place]!)
      syns[place] = flow.synCount
      growth.bytesFwd = Math.max(0, flow.bytesFwd - bytesFwd[place]!)
      bytesFwd[place] = flow.bytesFwd
      growth.bytesBwd = Math.max(0, flow.bytesBwd - bytesBwd[place]!)
      bytesBwd[place] = flow.bytesBwd
      readAnswerAt(place, flow)
      growth.answer = ANSWERS[answers[place]!]!
      return growth
    },
  }
}
