/** Flows and scores to evidence about their sources. Pure: the clock is passed in. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from './evidence.js'
import { createLoginDetector } from './login.js'
import { modelEvidence } from './model-evidence.js'
import { completeOptions, type DetectorOptions } from './options.js'
import { isWatched } from './probe.js'
import { createRecentIds } from './recent-ids.js'
import { createSourceStates } from './source-states.js'
import { readSummary, type SourceSummary } from './source-summary.js'
import { createVerticalScan } from './vertical-scan.js'

export interface Detectors {
  /**
   * @param flows records of one batch in the order of arrival; those of one flow may be out of order
   * @param scores of `flows` in their order, in [0, 1]; NaN where a flow was not scored
   * @param nowMs wall time, ms since 1970
   * @param modelThreshold lowest score that is evidence; default the option of this name
   */
  observe(
    flows: readonly FlowRecord[],
    scores: Float32Array | readonly number[],
    nowMs: number,
    modelThreshold?: number,
  ): Evidence[]
  /** What becomes evidence by waiting: ports that stay silent. To be called every 50 to 100 ms. */
  tick(nowMs: number): Evidence[]
  /** Sources that were over the new-flow budget in the kernel. */
  observeSources(summaries: Iterable<SourceSummary>, nowMs: number): Evidence[]
  /** Sources that fired, or were half-way to firing, in the last minute. */
  suspects(nowMs: number): Iterable<string>
  /** Sources held now. */
  readonly sources: number
  /** Sources that left to make room. */
  readonly evicted: number
}

const MAX_MODEL_HITS = 65_536
const SUSPECT_MS = 60_000

/** @throws ArgumentError naming the option that is out of range */
export function createDetectors(given: Partial<DetectorOptions> = {}): Detectors {
  const options = completeOptions(given)
  const { maxSources, maxProbes } = options
  const idleMs = options.answerTimeoutMs * 2 + Math.max(options.scanWindowMs, options.loginWindowMs)
  const states = createSourceStates(maxSources, maxProbes, (state) => scan.forget(state))
  const scan = createVerticalScan(options, states)
  const login = createLoginDetector(options)
  const hits = createRecentIds(MAX_MODEL_HITS)
  /** Since when, wall time in ms; the oldest first. */
  const suspected = new Map<string, number>()

  function suspect(source: string, nowMs: number): void {
    suspected.delete(source)
    suspected.set(source, nowMs)
    if (suspected.size > maxSources) suspected.delete(suspected.keys().next().value!)
  }

  function fired(found: Evidence[], nowMs: number): Evidence[] {
    for (const { source } of found) suspect(source, nowMs)
    return found
  }

  return {
    observe: (flows, scores, nowMs, modelThreshold = options.modelThreshold) => {
      const found: Evidence[] = []
      flows.forEach((flow, i) => {
        if (flow.isTransit) return
        const score = scores[i] ?? Number.NaN
        if (score >= modelThreshold && !hits.has(flow.id)) {
          hits.add(flow.id)
          found.push(modelEvidence(flow, score, modelThreshold, nowMs, options.modelPoints))
        }
        if (!isWatched(flow)) return
        const state = states.touch(flow.src, nowMs)
        if (scan.observe(state, flow, score, nowMs)) suspect(flow.src, nowMs)
        const seen = login.observe(state, flow, score, nowMs)
        if (seen === 'half') suspect(flow.src, nowMs)
        else if (seen !== undefined) found.push(seen)
      })
      found.push(...scan.pass(nowMs))
      return fired(found, nowMs)
    },
    tick: (nowMs) => {
      const found = scan.pass(nowMs)
      states.dropIdle(nowMs - idleMs)
      return fired(found, nowMs)
    },
    observeSources: (summaries, nowMs) => {
      const found: Evidence[] = []
      for (const summary of summaries) {
        const evidence = readSummary(states.touch(summary.source, nowMs), summary, nowMs, options)
        if (evidence !== undefined) found.push(evidence)
      }
      return fired(found, nowMs)
    },
    suspects: (nowMs) => {
      for (const [source, sinceMs] of suspected) {
        if (sinceMs > nowMs - SUSPECT_MS) break
        suspected.delete(source)
      }
      return suspected.keys()
    },
    get sources() {
      return states.size
    },
    get evicted() {
      return states.evicted
    },
  }
}
