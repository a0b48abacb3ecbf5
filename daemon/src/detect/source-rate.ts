/**
 * Sees one source send many packets in flows without a proof that it receives anything, far more than it used to.
 * ATT&CK T1498.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import { isMulticast } from './address-kind.js'
import type { Evidence } from './evidence.js'
import type { FlowGrowth, FlowMemory } from './flow-memory.js'
import type { DetectorOptions } from './options.js'
import { isTwoWay } from './probe.js'
import {
  addToMeter,
  isIdle,
  judge,
  type Meter,
  ringShape,
  type Sustained,
  takeFromMeter,
} from './rate-ring.js'
import type { SourceState } from './source-states.js'
import { MAX_FLOWS, seconds } from './text.js'

/** What one source sends in flows without proof, and what it used to send. */
export interface SourceRate extends Meter {
  readonly state: SourceState
  /** Window of the packets counted in `packets`: us since 1970 / its length. */
  window: number
  packets: number
  /** Packets per second, averaged over the windows before. */
  past: number
  /** The last flows counted since there is a ring, in a circle. */
  flows: FlowRecord[] | undefined
  counted: number
}

export interface RateDetector {
  observe(state: SourceState, flow: FlowRecord, growth: FlowGrowth, memory: FlowMemory): void
  pass(nowMs: number): Evidence[]
  forget(state: SourceState): void
}

/** Bit of the flow's marks: it was a dialogue once. */
const MARK_TWO_WAY = 2

const MAX_HOT = 4_096
/** Time constant of a source's past, ms. */
const PAST_MS = 300_000

export function createRateDetector(options: DetectorOptions): RateDetector {
  const { perSecond, windowMs, factor, points } = options.rate
  const shape = ringShape(perSecond, windowMs, options.answerTimeoutMs)
  const windowUs = windowMs * 1_000
  const weight = 1 - Math.exp(-windowMs / PAST_MS)
  const hot = new Set<SourceRate>()

  /** Of the windows that are over, the last one with packets goes into the past, and the empty ones after it. */
  function closeWindows(rate: SourceRate, window: number): void {
    rate.past += weight * ((rate.packets * 1_000) / windowMs - rate.past)
    const empty = window - rate.window - 1
    if (empty > 0) rate.past *= (1 - weight) ** empty
    rate.window = window
    rate.packets = 0
  }

  function count(state: SourceState, flow: FlowRecord, fromUs: number, packets: number): void {
    const window = Math.floor(flow.lastUs / windowUs)
    state.rate ??= {
      state,
      slot: 0,
      count: 0,
      ring: undefined,
      window,
      packets: 0,
      past: 0,
      flows: undefined,
      counted: 0,
    }
    const { rate } = state
    if (window > rate.window) closeWindows(rate, window)
    rate.packets += packets
    if (addToMeter(rate, shape, fromUs, flow.lastUs, packets, hot.size < MAX_HOT)) hot.add(rate)
    if (rate.ring === undefined) return
    rate.flows ??= []
    rate.flows[rate.counted++ % MAX_FLOWS] = flow
  }

  function evidence(rate: SourceRate, { sum, lastSlot }: Sustained, nowMs: number): Evidence {
    const now = (sum * 1_000) / windowMs
    const past =
      rate.past < 1
        ? `a source without a past`
        : `${Math.floor(now / rate.past)} times its own past of ${Math.round(rate.past)}/s (threshold ${factor})`
    const flows = rate.flows ?? []
    return {
      source: rate.state.source,
      about: 'source',
      detector: 'rate',
      technique: 'T1498',
      severity: 'medium',
      text:
        `rate: ${Math.round(sum)} packets in ${seconds(windowMs)}, ${Math.round(now)}/s (threshold ${perSecond}/s), ` +
        `of flows without two-way proof, ${past}`,
      points,
      pointsLastMs: 2 * windowMs,
      isProven: false,
      atMs: nowMs,
      packetUs: Math.min(nowMs * 1_000, (lastSlot + 1) * shape.slotUs + shape.waitUs),
      flows,
      scores: flows.map(() => Number.NaN),
    }
  }

  return {
    observe: (state, flow, growth, memory) => {
      const { place, fromUs } = growth
      if ((memory.marks[place]! & MARK_TWO_WAY) !== 0) return
      const { packets, sinceUs } = memory.rate
      if (isTwoWay(flow)) {
        memory.marks[place]! |= MARK_TWO_WAY
        const held = packets[place]!
        packets[place] = 0
        if (held === 0 || state.rate === undefined) return
        const { rate } = state
        takeFromMeter(rate, shape, sinceUs[place]!, fromUs, held)
        if (sinceUs[place]! >= rate.window * windowUs) rate.packets = Math.max(0, rate.packets - held)
        return
      }
      if (growth.packetsFwd === 0 || flow.firstBackward || isMulticast(flow.dst)) return
      if (packets[place] === 0) sinceUs[place] = fromUs
      packets[place]! += growth.packetsFwd
      count(state, flow, fromUs, growth.packetsFwd)
    },
    pass: (nowMs) => {
      const found: Evidence[] = []
      const nowUs = nowMs * 1_000
      for (const rate of hot) {
        const ring = rate.ring!
        for (
          let window = judge(ring, shape, nowUs);
          window !== undefined;
          window = judge(ring, shape, nowUs)
        ) {
          if ((window.sum * 1_000) / windowMs < factor * rate.past) continue
          found.push(evidence(rate, window, nowMs))
          rate.flows = undefined
          rate.counted = 0
        }
        if (!isIdle(ring, shape, nowUs)) continue
        hot.delete(rate)
        rate.ring = undefined
        rate.flows = undefined
        rate.counted = 0
      }
      return found
    },
    forget: ({ rate }) => {
      if (rate !== undefined) hot.delete(rate)
    },
  }
}
