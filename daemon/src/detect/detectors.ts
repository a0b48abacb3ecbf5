/** Flows and scores to evidence about their sources. Pure: the clock is passed in. */

import type { FlowRecord } from '../decode/flow-record.js'
import { createRecentMap } from '../recent-map.js'
import { createConnectionsDetector } from './connections.js'
import type { Evidence, Severity } from './evidence.js'
import { createExfiltrationDetector } from './exfiltration.js'
import { createFlood } from './flood.js'
import { createFlowMemory } from './flow-memory.js'
import { createLoginDetector } from './login.js'
import { modelEvidence } from './model-evidence.js'
import { completeOptions, type DetectorOptions, type GivenOptions } from './options.js'
import { createProbeWatch } from './probe-watch.js'
import { createRecentIds } from './recent-ids.js'
import { createRateDetector } from './source-rate.js'
import { createSourceStates } from './source-states.js'
import { readSummary, type SourceSummary } from './source-summary.js'

export interface Detectors {
  /**
   * @param flows records of one batch in the order of arrival; those of one flow may be out of order
   * @param scores of `flows` in their order, in [0, 1]; NaN where a flow was not scored
   * @param nowMs wall time, ms since 1970; when it is set back by more than 2 s, all windows begin anew
   * @param modelThreshold lowest score that is evidence; default the option of this name
   * @param heardMs how far the records have come, at most `nowMs`, its default: silence counts from there
   * @param severityOf of a score that is evidence; default `low` for all
   */
  observe(
    flows: readonly FlowRecord[],
    scores: Float32Array | readonly number[],
    nowMs: number,
    modelThreshold?: number,
    severityOf?: (score: number) => Severity,
    heardMs?: number,
  ): Evidence[]
  /** What becomes evidence by waiting: ports that stay silent. To be called every 50 to 100 ms. */
  tick(nowMs: number, heardMs?: number): Evidence[]
  /** Sources that were over the new-flow budget in the kernel. */
  observeSources(summaries: Iterable<SourceSummary>, nowMs: number): Evidence[]
  /** Sources that fired, or were half-way to firing, in the last minute. */
  suspects(nowMs: number): Iterable<string>
  /** Sources held now. */
  readonly sources: number
  /** Sources that left to make room. */
  readonly evicted: number
}

export interface DetectorsSurroundings {
  /** Whether an address is this machine's own: its traffic out counts as that of an internal host. Default: none is. */
  readonly isOwn?: (address: string) => boolean
}

interface Suspect {
  readonly source: string
  readonly sinceMs: number
}

const MAX_MODEL_HITS = 65_536
const SUSPECT_MS = 60_000
/** A clock that is set back leaves windows that lie in the future; less than this is no more than a batch is late, ms. */
const BACKWARD_MS = 2_000

/** Packets that are told so long after they passed are no longer counted as a flood, ms. */
const LATE_MS = 10_000

/** @throws ArgumentError naming the option that is out of range */
export function createDetectors(
  given: GivenOptions = {},
  { isOwn = () => false }: DetectorsSurroundings = {},
): Detectors {
  const options = completeOptions(given)
  const hits = createRecentIds(MAX_MODEL_HITS)
  /** Since when, wall time in ms; the oldest first. */
  const suspected = createRecentMap<string, Suspect>()
  let rooms = createRooms(options, isOwn)
  let evictedBefore = 0
  let latestMs = Number.NEGATIVE_INFINITY

  function keepTime(nowMs: number): void {
    if (nowMs < latestMs - BACKWARD_MS) {
      evictedBefore += rooms.states.evicted
      rooms = createRooms(options, isOwn)
      suspected.clear()
      latestMs = nowMs
    }
    latestMs = Math.max(latestMs, nowMs)
  }

  function suspect(source: string, nowMs: number): void {
    suspected.set(source, { source, sinceMs: nowMs })
    if (suspected.size > options.maxSources) suspected.dropOldest()
  }

  function fired(found: Evidence[], nowMs: number): Evidence[] {
    for (const { source, about } of found) if (about === 'source') suspect(source, nowMs)
    return found
  }

  /** What does not depend on the model. */
  function observeFlow(flow: FlowRecord, score: number, nowMs: number, found: Evidence[]): void {
    const { memory, states, probes, flood, rate, login, connections, exfiltration } = rooms
    const growth = memory.take(flow)
    if (growth.isStale) return
    const sent = exfiltration.observe(flow, growth, nowMs)
    if (sent !== undefined) found.push(sent)
    const state = states.touch(flow.src, nowMs)
    // What a flow's end tells of packets of minutes ago is no flood that goes on.
    if (flow.lastUs > (nowMs - LATE_MS) * 1_000) {
      flood.observe(state, flow, growth, memory)
      rate.observe(state, flow, growth, memory)
    }
    const isHalf = probes.observe(state, flow, growth, memory, score, nowMs)
    const isHalfOpen = connections.observe(state, flow, nowMs)
    const seen = login.observe(state, flow, score, nowMs)
    if (isHalf || isHalfOpen || seen === 'half') suspect(flow.src, nowMs)
    if (typeof seen === 'object') found.push(seen)
  }

  return {
    observe: (
      flows,
      scores,
      nowMs,
      modelThreshold = options.modelThreshold,
      severityOf = () => 'low',
      heardMs = nowMs,
    ) => {
      keepTime(nowMs)
      const found: Evidence[] = []
      for (let i = 0; i < flows.length; i++) {
        const flow = flows[i]!
        if (flow.isTransit) continue
        const score = scores[i] ?? Number.NaN
        if (score >= modelThreshold && !hits.has(flow.id)) {
          hits.add(flow.id)
          const severity = severityOf(score)
          found.push(modelEvidence(flow, score, modelThreshold, nowMs, options.modelPoints, severity))
        }
        observeFlow(flow, score, nowMs, found)
      }
      rooms.pass(heardMs, found)
      return fired(found, nowMs)
    },
    tick: (nowMs, heardMs = nowMs) => {
      keepTime(nowMs)
      const found: Evidence[] = []
      rooms.pass(heardMs, found)
      rooms.states.dropIdle(nowMs - rooms.idleMs)
      return fired(found, nowMs)
    },
    observeSources: (summaries, nowMs) => {
      keepTime(nowMs)
      const found: Evidence[] = []
      const { states, flood } = rooms
      for (const summary of summaries) {
        // The kernel keeps a slot until another source takes it.
        if (summary.lastUs < (nowMs - LATE_MS) * 1_000) continue
        const evidence = readSummary(states.touch(summary.source, nowMs), summary, flood, nowMs, options)
        if (evidence !== undefined) found.push(evidence)
      }
      return fired(found, nowMs)
    },
    suspects: (nowMs) => {
      for (let one = suspected.oldest(); one !== undefined; one = suspected.oldest()) {
        if (one.sinceMs > nowMs - SUSPECT_MS) break
        suspected.dropOldest()
      }
      return [...suspected.values()].map(({ source }) => source)
    },
    get sources() {
      return rooms.states.size
    },
    get evicted() {
      return evictedBefore + rooms.states.evicted
    },
  }
}

/** The detectors and what they remember. */
function createRooms(options: DetectorOptions, isOwn: (address: string) => boolean) {
  const { maxSources, maxProbes } = options
  const states = createSourceStates({
    maxSources,
    maxProbes,
    onLeave: (state) => {
      for (const detector of remembering) detector.forget(state)
    },
  })
  const probes = createProbeWatch(options, states)
  const flood = createFlood(options)
  const rate = createRateDetector(options)
  const connections = createConnectionsDetector(options)
  const remembering = [probes, flood, rate, connections]
  const longestMs = Math.max(
    options.scanVertical.windowMs,
    options.scanHorizontal.windowMs,
    options.slowScan.windowMs,
    options.login.windowMs,
    options.connections.windowMs,
  )
  return {
    memory: createFlowMemory(options.maxFlows),
    states,
    probes,
    flood,
    rate,
    connections,
    login: createLoginDetector(options),
    exfiltration: createExfiltrationDetector(options, isOwn),
    /** A source that was silent for so long holds nothing that still counts. */
    idleMs: longestMs + 2 * options.answerTimeoutMs,
    pass: (nowMs: number, found: Evidence[]) => {
      for (const detector of remembering) for (const one of detector.pass(nowMs)) found.push(one)
    },
  }
}
