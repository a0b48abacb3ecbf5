/** The busiest sources of the last seconds, from flow records; counted only while somebody asks. */

import type { FlowRecord } from '../decode/flow-record.js'
import { createRecentMap } from '../recent-map.js'
import type { Feed } from './feed.js'
import type { FlowRow } from './view.js'

export interface TopSource {
  readonly address: string
  /** Of both directions. */
  readonly packets: number
  /** L4 payload. */
  readonly bytesFwd: number
  readonly bytesBwd: number
  /** Flows that began in the window. */
  readonly flows: number
}

export type TopOrder = 'bytes' | 'packets' | 'flows'

export interface TopReading {
  /** How far back the count goes, ms; 0 when it just began. */
  readonly windowMs: number
  /** The busiest first. */
  readonly sources: readonly TopSource[]
}

export interface TopSources {
  /** Begins the count when it does not run. */
  read(count: number, order: TopOrder): TopReading
  close(): void
}

export interface TopSourcesOptions {
  readonly feed: Feed<FlowRow>
  /** Any clock that never goes back, ms. */
  readonly nowMs: () => number
  /** Flows held at most; the oldest leaves for a new one. Default 65,536. */
  readonly capacity?: number
  /** Sources of one second held at most; more of them are not counted in that second. Default 8,192. */
  readonly maxSources?: number
}

/** The window: seconds of counters, the oldest of which leaves for a new one. */
const SECONDS = 10
/** Without a question for so long the count ends, ms. */
const LEASE_MS = 15_000

type Count = { -readonly [K in keyof Omit<TopSource, 'address'>]: number }
interface Second {
  readonly atMs: number
  readonly sources: Map<string, Count>
}
interface Known {
  seq: number
  packets: number
  bytesFwd: number
  bytesBwd: number
}

/** Payload of equal size is ordered by packets, so that bare SYNs have an order too. */
const WEIGHTS: Readonly<Record<TopOrder, (count: Count) => readonly [number, number]>> = {
  bytes: ({ bytesFwd, bytesBwd, packets }) => [bytesFwd + bytesBwd, packets],
  packets: ({ bytesFwd, bytesBwd, packets }) => [packets, bytesFwd + bytesBwd],
  flows: ({ flows, packets }) => [flows, packets],
}

export function createTopSources(options: TopSourcesOptions): TopSources {
  // An answer adds up the sources of ten seconds on the main thread.
  const { feed, nowMs, capacity = 65_536, maxSources = 8_192 } = options
  /** The newest first. */
  let seconds: Second[] = []
  /** What was counted of each flow; records hold totals. */
  const known = createRecentMap<number, Known>()
  let untap: (() => void) | undefined
  let lease: NodeJS.Timeout | undefined
  let beganMs = 0
  let beganUs = 0

  function stop(): void {
    untap?.()
    untap = undefined
    clearTimeout(lease)
    seconds = []
    known.clear()
  }

  function start(): void {
    beganMs = nowMs()
    beganUs = Date.now() * 1_000
    untap = feed.tap((rows) => {
      for (const { flow } of rows) if (!flow.isTransit) count(flow)
    })
  }

  function second(): Second {
    const atMs = nowMs()
    const newest = seconds[0]
    if (newest !== undefined && atMs - newest.atMs < 1_000) return newest
    const made = { atMs, sources: new Map<string, Count>() }
    seconds = [made, ...seconds.filter((old) => atMs - old.atMs < SECONDS * 1_000)]
    return made
  }

  function count(flow: FlowRecord): void {
    let before = known.get(flow.id)
    const isFirst = before === undefined
    if (before === undefined) {
      before = { seq: -1, packets: 0, bytesFwd: 0, bytesBwd: 0 }
      if (known.size >= capacity) known.dropOldest()
      known.set(flow.id, before)
    }
    if (flow.seq <= before.seq) return
    // What a flow did before the count began is not of these seconds, and a later record of a flow that is not held was
    // counted before it was forgotten, or cannot be told from one that was.
    if (!isFirst || (flow.seq <= 1 && flow.startUs >= beganUs)) add(flow, before, isFirst)
    note(before, flow)
    if (flow.kind === 'ended') known.delete(flow.id)
  }

  function add(flow: FlowRecord, before: Known, isFirst: boolean): void {
    const { sources } = second()
    let sum = sources.get(flow.src)
    if (sum === undefined) {
      if (sources.size >= maxSources) return
      sum = { packets: 0, bytesFwd: 0, bytesBwd: 0, flows: 0 }
      sources.set(flow.src, sum)
    }
    sum.packets += flow.packetsFwd + flow.packetsBwd - before.packets
    sum.bytesFwd += flow.bytesFwd - before.bytesFwd
    sum.bytesBwd += flow.bytesBwd - before.bytesBwd
    if (isFirst) sum.flows++
  }

  function sums(): Map<string, Count> {
    const total = new Map<string, Count>()
    const sinceMs = nowMs() - SECONDS * 1_000
    for (const { atMs, sources } of seconds) {
      if (atMs < sinceMs) continue
      for (const [address, each] of sources) {
        const sum = total.get(address)
        if (sum === undefined) total.set(address, { ...each })
        else {
          sum.packets += each.packets
          sum.bytesFwd += each.bytesFwd
          sum.bytesBwd += each.bytesBwd
          sum.flows += each.flows
        }
      }
    }
    return total
  }

  return {
    read: (wanted, order) => {
      if (untap === undefined) start()
      clearTimeout(lease)
      lease = setTimeout(stop, LEASE_MS)
      lease.unref()
      const weigh = WEIGHTS[order]
      const sources = [...sums()]
        .map(([address, each]) => ({ address, each, weight: weigh(each) }))
        .sort((a, b) => b.weight[0] - a.weight[0] || b.weight[1] - a.weight[1])
        .slice(0, wanted)
        .map(({ address, each }) => ({ address, ...each }))
      return { windowMs: Math.min(SECONDS * 1_000, Math.round(nowMs() - beganMs)), sources }
    },
    close: stop,
  }
}

function note(known: Known, { seq, packetsFwd, packetsBwd, bytesFwd, bytesBwd }: FlowRecord): void {
  known.seq = seq
  known.packets = packetsFwd + packetsBwd
  known.bytesFwd = bytesFwd
  known.bytesBwd = bytesBwd
}
