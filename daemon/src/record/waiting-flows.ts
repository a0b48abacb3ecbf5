/**
 * Flows on their way to the store. A flow has many records within a second; what waits here is its latest one, its
 * highest score and the detectors that cite it, so that it is written once.
 */

import type { FlowRecord } from '../decode/flow-record.js'

export interface WaitingFlow {
  flow: FlowRecord
  /** Highest so far, in [0, 1]; NaN when the flow was not scored. */
  score: number
  /** Bits of flow-reasons.ts. */
  reasons: number
  /** All columns, and the score that they gave. */
  features: { readonly values: Float32Array; readonly score: number } | undefined
  readonly sinceMs: number
  /** It stands in the queue until its turn comes, but waits no longer. */
  isOut: boolean
}

export interface WaitingFlows {
  readonly size: number
  /** Flows that left unwritten, because there were too many. */
  readonly dropped: number
  /** Adds a record to what waits of its flow. @param nowMs uptime, ms, never less than before */
  put(flow: FlowRecord, score: number, nowMs: number): void
  get(flowId: number): WaitingFlow | undefined
  /** At most `limit` of those that wait since `sinceMs` or longer, the longest first. They stay until taken out. */
  oldest(sinceMs: number, limit: number): WaitingFlow[]
  /** At most `limit`, those that began to wait last first. */
  newest(limit: number): WaitingFlow[]
  takeOut(flows: Iterable<WaitingFlow>): void
}

/** Share of the capacity that leaves at once when it is full. */
const SHARE_DROPPED = 1 / 16
/** Places of the queue that may be spent before it is made anew. */
const MAX_SPENT = 16_384

/** @param capacity flows; when as many wait, the ones that wait longest are dropped and counted */
export function createWaitingFlows(capacity: number): WaitingFlows {
  const byId = new Map<number, WaitingFlow>()
  /** In the order in which they began to wait; what is before `head` is out. */
  let queue: WaitingFlow[] = []
  let head = 0
  let dropped = 0

  function takeOut(flows: Iterable<WaitingFlow>): void {
    for (const waiting of flows) {
      if (waiting.isOut) continue
      waiting.isOut = true
      byId.delete(waiting.flow.id)
    }
    while (head < queue.length && queue[head]!.isOut) head++
    if (head < MAX_SPENT || head < queue.length / 2) return
    queue = queue.slice(head)
    head = 0
  }

  function oldest(sinceMs: number, limit: number): WaitingFlow[] {
    const found: WaitingFlow[] = []
    for (let at = head; at < queue.length && found.length < limit; at++) {
      const waiting = queue[at]!
      if (waiting.sinceMs > sinceMs) break
      if (!waiting.isOut) found.push(waiting)
    }
    return found
  }

  function dropOldest(): void {
    const victims = oldest(Number.POSITIVE_INFINITY, Math.ceil(capacity * SHARE_DROPPED))
    dropped += victims.length
    takeOut(victims)
  }

  return {
    get size() {
      return byId.size
    },
    get dropped() {
      return dropped
    },
    put(flow, score, nowMs) {
      const waiting = byId.get(flow.id)
      if (waiting !== undefined) {
        mergeFlow(waiting, flow, score)
        return
      }
      if (byId.size >= capacity) dropOldest()
      const added = { flow, score, reasons: 0, features: undefined, sinceMs: nowMs, isOut: false }
      byId.set(flow.id, added)
      queue.push(added)
    },
    get: (flowId) => byId.get(flowId),
    oldest,
    newest(limit) {
      const found: WaitingFlow[] = []
      for (let at = queue.length - 1; at >= head && found.length < limit; at--) {
        if (!queue[at]!.isOut) found.push(queue[at]!)
      }
      return found
    },
    takeOut,
  }
}

/** The later record and the higher score stay. @param score NaN when there is none */
export function mergeFlow(waiting: WaitingFlow, flow: FlowRecord, score: number): void {
  if (flow.seq >= waiting.flow.seq) waiting.flow = flow
  if (!(waiting.score >= score) && !Number.isNaN(score)) waiting.score = score
}
