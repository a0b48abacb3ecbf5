/**
 * Sees SYNs, UDP or ICMP packets come to one destination without an answer, at a rate and for a time. First of one
 * source; what no single source explains is told about the destination. ATT&CK T1498.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import { isMulticast } from './address-kind.js'
import type { Evidence } from './evidence.js'
import { type FloodFinding, floodEvidence } from './flood-evidence.js'
import { floodKinds, ICMP_FLOOD, SYN_FLOOD, UDP_FLOOD } from './flood-kinds.js'
import type { FlowGrowth, FlowMemory } from './flow-memory.js'
import type { DetectorOptions } from './options.js'
import { ICMP, ICMPV6, isCompleted, TCP, UDP } from './probe.js'
import {
  addToMeter,
  isIdle,
  judge,
  type RingShape,
  ringShape,
  subtractSlots,
  takeFromMeter,
} from './rate-ring.js'
import type { SourceState } from './source-states.js'
import { MAX_FLOWS } from './text.js'
import { createVictims, type Pair } from './victims.js'

export interface Flood {
  observe(state: SourceState, flow: FlowRecord, growth: FlowGrowth, memory: FlowMemory): void
  /** SYNs that made no flow, because the kernel's budget was used up. */
  addSyns(state: SourceState, destination: string, fromUs: number, toUs: number, count: number): void
  pass(nowMs: number): Evidence[]
  forget(state: SourceState): void
}

/** Bit of the flow's marks: its SYNs led to a connection. */
const MARK_COMPLETED = 1

const MAX_PAIRS_OF_SOURCE = 8
/** Pairs and victims that are counted slot by slot. */
const MAX_HOT_PAIRS = 4_096
const DESTINATION_EVERY_MS = 10_000

export function createFlood(options: DetectorOptions): Flood {
  const shapes: readonly RingShape[] = floodKinds.map((kind) => {
    const { perSecond, windowMs } = kind.options(options)
    return ringShape(perSecond, windowMs, options.answerTimeoutMs)
  })
  const waitUs = options.answerTimeoutMs * 1_000
  const victims = createVictims()
  const hotPairs = new Set<Pair>()

  /** Pairs of a source are few; when there are too many, the one with the longest quiet makes room. */
  function pairOf(state: SourceState, kind: number, destination: string): Pair | undefined {
    const pairs = state.pairs ?? []
    state.pairs = pairs
    let quiet: Pair | undefined
    for (const pair of pairs) {
      if (pair.kind === kind && pair.destination === destination) return pair
      if (pair.ring === undefined && (quiet === undefined || pair.slot < quiet.slot)) quiet = pair
    }
    if (pairs.length >= MAX_PAIRS_OF_SOURCE) {
      if (quiet === undefined) return undefined
      pairs.splice(pairs.indexOf(quiet), 1)
    }
    const made: Pair = {
      state,
      kind,
      destination,
      slot: 0,
      count: 0,
      ring: undefined,
      flows: undefined,
      counted: 0,
    }
    pairs.push(made)
    return made
  }

  function count(
    state: SourceState,
    kind: number,
    destination: string,
    fromUs: number,
    toUs: number,
    packets: number,
    flow: FlowRecord | undefined,
  ): void {
    const shape = shapes[kind]!
    const before = victims.count(destination, kind, shape, {
      fromUs,
      toUs,
      packets,
      flow,
      source: state.number,
    })
    // No source is worth a look whose destination gets less than half of a flood.
    if (before < 0) return
    const pair = pairOf(state, kind, destination)
    if (pair === undefined) return
    const mayOpen = hotPairs.size < MAX_HOT_PAIRS
    if (before > 0) addToMeter(pair, shape, toUs, toUs, before, false)
    if (addToMeter(pair, shape, fromUs, toUs, packets, mayOpen)) hotPairs.add(pair)
    if (flow === undefined || pair.ring === undefined) return
    pair.flows ??= []
    pair.flows[pair.counted++ % MAX_FLOWS] = flow
  }

  function takeBack(
    state: SourceState,
    kind: number,
    destination: string,
    fromUs: number,
    toUs: number,
    packets: number,
  ): void {
    const shape = shapes[kind]!
    const pair = state.pairs?.find((one) => one.kind === kind && one.destination === destination)
    if (pair !== undefined) takeFromMeter(pair, shape, fromUs, toUs, packets)
    const victim = victims.find(destination, kind)
    if (victim !== undefined) takeFromMeter(victim, shape, fromUs, toUs, packets)
  }

  /** SYNs count until they lead to a connection: no answer, a reset and an answer left alone are all the same. */
  function observeSyns(state: SourceState, flow: FlowRecord, growth: FlowGrowth, memory: FlowMemory): void {
    if (flow.synCount === 0 || flow.firstBackward || flow.isContinuation) return
    const { place, fromUs } = growth
    if ((memory.marks[place]! & MARK_COMPLETED) !== 0) return
    const { packets, sinceUs } = memory.flood
    if (isCompleted(flow)) {
      memory.marks[place]! |= MARK_COMPLETED
      if (packets[place]! > 0) takeBack(state, SYN_FLOOD, flow.dst, sinceUs[place]!, fromUs, packets[place]!)
      packets[place] = 0
      return
    }
    const syns = Math.min(growth.packetsFwd, growth.syns)
    if (syns === 0) return
    if (packets[place] === 0) sinceUs[place] = fromUs
    packets[place]! += syns
    count(state, SYN_FLOOD, flow.dst, fromUs, flow.lastUs, syns, flow)
  }

  /** What comes back answers the packets of the second before it. */
  function observePackets(
    state: SourceState,
    kind: number,
    flow: FlowRecord,
    growth: FlowGrowth,
    memory: FlowMemory,
  ): void {
    const { place, fromUs } = growth
    const { packets, sinceUs } = memory.flood
    if (growth.packetsBwd === 0) {
      if (growth.packetsFwd === 0 || isMulticast(flow.dst)) return
      if (packets[place] === 0) sinceUs[place] = fromUs
      packets[place]! += growth.packetsFwd
      count(state, kind, flow.dst, fromUs, flow.lastUs, growth.packetsFwd, flow)
      return
    }
    const held = packets[place]!
    packets[place] = 0
    const answeredFromUs = Math.max(sinceUs[place]!, flow.lastUs - waitUs)
    if (held === 0 || answeredFromUs > fromUs) return
    const spanUs = fromUs - sinceUs[place]!
    const share = spanUs > 0 ? (fromUs - answeredFromUs) / spanUs : 1
    takeBack(state, kind, flow.dst, answeredFromUs, fromUs, held * share)
  }

  function findInPairs(nowMs: number, found: FloodFinding[]): void {
    const nowUs = nowMs * 1_000
    for (const pair of hotPairs) {
      const { kind, destination, state } = pair
      const shape = shapes[kind]!
      const ring = pair.ring!
      for (let window = judge(ring, shape, nowUs); window !== undefined; window = judge(ring, shape, nowUs)) {
        found.push({
          kind,
          destination,
          source: state.source,
          sources: 1,
          flows: pair.flows ?? [],
          window,
          shape,
        })
        pair.flows = undefined
        pair.counted = 0
        // What this source explains is no flood of many.
        const victim = victims.find(destination, kind)
        if (victim?.ring !== undefined) subtractSlots(victim.ring, shape, ring, window)
      }
      if (!isIdle(ring, shape, nowUs)) continue
      hotPairs.delete(pair)
      pair.ring = undefined
      pair.flows = undefined
      pair.counted = 0
    }
  }

  /** One window later than sources: by then each that sustained the rate has been told and taken out. */
  function findInVictims(nowMs: number, found: FloodFinding[]): void {
    for (const victim of victims.hot) {
      const { kind, address: destination } = victim
      const shape = shapes[kind]!
      const ring = victim.ring!
      const nowUs = nowMs * 1_000 - (shape.slots - 1) * shape.slotUs
      for (let window = judge(ring, shape, nowUs); window !== undefined; window = judge(ring, shape, nowUs)) {
        if (nowMs - victim.firedMs < DESTINATION_EVERY_MS) continue
        victim.firedMs = nowMs
        const sources = victim.sources!.count()
        found.push({ kind, destination, source: undefined, sources, flows: [...victim.flows], window, shape })
        victims.beginAnew(victim)
      }
      if (isIdle(ring, shape, nowUs)) victims.cool(victim)
    }
  }

  return {
    observe: (state, flow, growth, memory) => {
      const { protocol } = flow
      if (protocol === TCP) observeSyns(state, flow, growth, memory)
      else if (protocol === UDP) observePackets(state, UDP_FLOOD, flow, growth, memory)
      else if (protocol === ICMP || protocol === ICMPV6)
        observePackets(state, ICMP_FLOOD, flow, growth, memory)
    },
    addSyns: (state, destination, fromUs, toUs, syns) => {
      count(state, SYN_FLOOD, destination, fromUs, toUs, syns, undefined)
    },
    pass: (nowMs) => {
      if (hotPairs.size === 0 && victims.hot.size === 0) return []
      const found: FloodFinding[] = []
      findInPairs(nowMs, found)
      findInVictims(nowMs, found)
      return found.map((one) => floodEvidence(one, nowMs, options))
    },
    forget: (state) => {
      for (const pair of state.pairs ?? []) hotPairs.delete(pair)
    },
  }
}
