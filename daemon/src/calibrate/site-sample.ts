/**
 * What was learnt of a site: how scores are spread, how many flows and sources there were, and who fired which detector
 * at which height. Bounded, and as JSON between two starts. Who fired a detector that is in force, or is blocked, is left
 * out of the scores; nothing of the minute in which he did so is taken either.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import { createDistinct } from '../detect/distinct.js'
import { createRecentMap } from '../recent-map.js'
import { type Firing, IN_FORCE, LEVELS } from './ladder.js'
import { createScoreSketch, type ScoreSketch, stepOf } from './score-sketch.js'
import { numberOf } from './source-share.js'
import type { FittedDetector } from './thresholds.js'

/** One source that fired at some height. */
export interface SourceRecord {
  /** Firings by place in `LEVELS`. */
  readonly firings: Partial<Record<FittedDetector, number[]>>
  /** It was in proven two-way traffic for long enough: what it does counts. */
  isKnown: boolean
  /** An operator's block or a list's stood against it: what it does never counts. */
  isBlocked: boolean
}

/** Which sources say something of the site. */
export interface Standing {
  /** In proven two-way traffic for so long that what it does is taken for the site's own. */
  isKnown(source: string): boolean
  /** An operator or a list blocks it. */
  isBlocked(source: string): boolean
}

export interface SampleState {
  readonly scores: readonly number[]
  readonly flows: number
  readonly leftOutFlows: number
  readonly classes: Readonly<Record<string, number>>
  readonly distinct: readonly number[]
  readonly leftOut: readonly string[]
  readonly sources: readonly (readonly [string, SourceRecord])[]
  /** Firings of sources for which there was no room beside the known ones. */
  readonly unkept: number
}

export interface SiteSample {
  observe(flows: readonly FlowRecord[], scores: ArrayLike<number>, firings: readonly Firing[]): void
  /** Takes over what waits: to be called once a minute or so. */
  settle(standing: Standing): void
  state(): SampleState
  readonly flows: number
  /** About. */
  readonly sources: number
  /** Sources that are left out of the scores. */
  readonly leftOut: number
  readonly scored: number
  /** Flows that began, by protocol and kind of port. */
  readonly classes: Readonly<Record<string, number>>
}

/** Sources from which one piece of time is learnt; flows of those beyond are counted, not their scores. */
const MAX_WAITING = 4_096
/** Scored flows of one source that count in one piece of time: nobody owns the spread. */
const MAX_SCORES = 64
const MAX_LEFT_OUT = 16_384
const MAX_RECORDS = 4_096
/** Known ones are few. */
const MAX_LOOKED = 64

interface Waiting {
  flows: number
  hasFired: boolean
  /** Step of the highest score, by flow. */
  readonly steps: Map<number, number>
}

export function createSiteSample(given?: SampleState): SiteSample {
  const sketch: ScoreSketch = createScoreSketch(given?.scores)
  const distinct = createDistinct(given?.distinct)
  const classes: Record<string, number> = { ...given?.classes }
  const leftOut = createRecentMap<string, true>(MAX_LEFT_OUT)
  const records = createRecentMap<string, SourceRecord>()
  const waiting = new Map<string, Waiting>()
  let flows = given?.flows ?? 0
  let leftOutFlows = given?.leftOutFlows ?? 0
  let unkept = given?.unkept ?? 0
  let unnamedFlows = 0
  for (const source of given?.leftOut ?? []) leftOut.set(source, true)
  for (const [source, record] of given?.sources ?? []) records.set(source, { ...record })

  /** Who is not known does not count: of those, the one that fired none for the longest time leaves. */
  function forget(): boolean {
    let looked = 0
    for (const [source, { isKnown }] of records.entries()) {
      if (!isKnown) return records.delete(source)
      if (++looked >= MAX_LOOKED) break
    }
    return false
  }

  function recordOf(source: string): SourceRecord | undefined {
    const known = records.touch(source)
    if (known !== undefined) return known
    if (records.size >= MAX_RECORDS && !forget()) {
      unkept++
      return undefined
    }
    const made = { firings: {}, isKnown: false, isBlocked: false }
    records.set(source, made)
    return made
  }

  function waitingOf(source: string): Waiting | undefined {
    const known = waiting.get(source)
    if (known !== undefined || waiting.size >= MAX_WAITING) return known
    const made = { flows: 0, hasFired: false, steps: new Map<number, number>() }
    waiting.set(source, made)
    return made
  }

  function observeFlow(flow: FlowRecord, score: number): void {
    if (flow.isTransit) return
    const one = waitingOf(flow.src)
    if (flow.kind === 'opened' && !flow.isContinuation) {
      classes[classOf(flow)] = (classes[classOf(flow)] ?? 0) + 1
      if (one === undefined) unnamedFlows++
      else one.flows++
    }
    const step = stepOf(score)
    if (step < 0 || one === undefined) return
    const before = one.steps.get(flow.id)
    if (before === undefined && one.steps.size >= MAX_SCORES) return
    one.steps.set(flow.id, Math.max(before ?? 0, step))
  }

  return {
    observe: (batch, scores, firings) => {
      batch.forEach((flow, i) => {
        observeFlow(flow, scores[i] ?? Number.NaN)
      })
      for (const { source, detector, level } of firings) {
        if (level === IN_FORCE) {
          leftOut.set(source, true)
          const one = waiting.get(source)
          if (one !== undefined) one.hasFired = true
        }
        const record = recordOf(source)
        if (record === undefined) continue
        record.firings[detector] ??= LEVELS.map(() => 0)
        record.firings[detector][level]!++
      }
    },
    settle: ({ isKnown, isBlocked }) => {
      for (const [source, record] of records.entries()) {
        record.isKnown ||= isKnown(source)
        record.isBlocked ||= isBlocked(source)
      }
      for (const [source, one] of waiting) {
        const hasFired = one.hasFired || leftOut.get(source) === true
        const isOut = isBlocked(source) || (hasFired && !isKnown(source))
        if (isOut) {
          leftOut.set(source, true)
          leftOutFlows += one.flows
          continue
        }
        flows += one.flows
        if (one.flows + one.steps.size > 0) distinct.add(numberOf(source))
        for (const step of one.steps.values()) sketch.addStep(step)
      }
      waiting.clear()
      flows += unnamedFlows
      unnamedFlows = 0
    },
    state: () => ({
      ...{ scores: sketch.counts, flows, leftOutFlows, classes: { ...classes }, distinct: distinct.words },
      ...{
        leftOut: [...leftOut.entries()].map(([source]) => source),
        sources: [...records.entries()],
        unkept,
      },
    }),
    get flows() {
      return flows
    },
    get sources() {
      return distinct.count()
    },
    get leftOut() {
      return leftOut.size
    },
    get scored() {
      return sketch.total
    },
    get classes() {
      return { ...classes }
    },
  }
}

/** Protocol and the kind of port that was asked for. Source: RFC 6335, system and user ports. */
function classOf({ protocol, dstPort }: FlowRecord): string {
  const name = protocol === 6 ? 'tcp' : protocol === 17 ? 'udp' : 'other'
  if (name === 'other') return name
  return `${name}_${dstPort < 1_024 ? 'system' : dstPort < 49_152 ? 'user' : 'dynamic'}`
}
