/** Adds evidence up into verdicts: points per source over a window, a block at a threshold. Pure. */

import type { Evidence } from '../detect/evidence.js'
import { ArgumentError } from '../errors.js'
import type { Verdict } from './verdict.js'

export interface PolicyOptions {
  /** Points at which a source is blocked. Default 100. */
  readonly blockAtPoints?: number
  /** Length of a block, ms. Default 600,000. */
  readonly blockMs?: number
  /** How long the points of one firing count, ms. Default 60,000. */
  readonly pointsLastMs?: number
  /** All live model points of a source together count at most this much. Default 40. */
  readonly modelPointsCap?: number
  /** Lifts the cap, so that the model alone can block. Default false. */
  readonly modelMayBlock?: boolean
  /** Sources held at most; the least recent leaves first. Default 65,536. */
  readonly maxSources?: number
}

export interface Policy {
  /**
   * Takes the evidence of one batch and gives at most one verdict for each source. Its evidence is everything that
   * counted, oldest first. A source whose block still runs gets no second one.
   * @param nowMs wall time, ms since 1970
   */
  judge(evidence: readonly Evidence[], nowMs: number): Verdict[]
  /** Live points of a source, the model's cap applied. */
  points(source: string, nowMs: number): number
  /** Sources with live points, blocked or not. */
  suspects(nowMs: number): string[]
  /** A block of this source runs until then, whoever made it; wall time, ms. It gets no verdict before. */
  resume(source: string, untilMs: number): void
  /** Forgets points and block, e.g. when an operator lifts it. */
  forget(source: string): void
  /** Sources held now. */
  readonly sources: number
  /** Sources that left to make room. */
  readonly evicted: number
}

interface Sum {
  readonly points: number
  readonly modelPoints: number
}

/** Firings kept for a source: with 5 points each, 64 are more than three thresholds. */
const MAX_EVIDENCE = 64

/** @throws ArgumentError naming the option that is not a number above 0 */
export function createPolicy(options: PolicyOptions = {}): Policy {
  const blockAtPoints = positive('blockAtPoints', options.blockAtPoints ?? 100)
  const blockMs = positive('blockMs', options.blockMs ?? 600_000)
  const pointsLastMs = positive('pointsLastMs', options.pointsLastMs ?? 60_000)
  const maxSources = positive('maxSources', options.maxSources ?? 65_536)
  const modelCap = options.modelMayBlock === true ? Infinity : (options.modelPointsCap ?? 40)
  /** Live firings by source, the least recent source first. */
  const firings = new Map<string, Evidence[]>()
  /** End of the block by source, wall time in ms; nearly all have the same length, so the first to end is first. */
  const blocked = new Map<string, number>()
  let evicted = 0

  /** Live firings of a source, oldest first; a source without any is forgotten. */
  function live(source: string, nowMs: number): readonly Evidence[] {
    const all = firings.get(source) ?? []
    const kept = all.filter(({ atMs }) => atMs > nowMs - pointsLastMs)
    if (kept.length === 0) firings.delete(source)
    else if (kept.length < all.length) firings.set(source, kept)
    return kept
  }

  function add(evidence: Evidence): void {
    const { source } = evidence
    const held = firings.get(source)
    firings.delete(source)
    if (makeRoom(firings, maxSources)) evicted++
    firings.set(source, held === undefined ? [evidence] : [...withRoom(held), evidence])
  }

  /** From the least recent end: blocks that are over, sources whose firings are all too old. */
  function dropIdle(nowMs: number): void {
    for (const [source, untilMs] of blocked) {
      if (untilMs > nowMs) break
      blocked.delete(source)
    }
    for (const source of firings.keys()) {
      if (live(source, nowMs).length > 0) break
    }
  }

  function sum(evidence: readonly Evidence[]): Sum {
    let others = 0
    let model = 0
    for (const { detector, points } of evidence) {
      if (detector === 'model') model += points
      else others += points
    }
    const modelPoints = Math.min(model, modelCap)
    return { points: others + modelPoints, modelPoints }
  }

  function noteBlock(source: string, untilMs: number): void {
    blocked.delete(source)
    if (makeRoom(blocked, maxSources)) evicted++
    blocked.set(source, untilMs)
  }

  function block(source: string, evidence: readonly Evidence[], { points, modelPoints }: Sum): Verdict {
    const threshold = `${points} points in ${pointsLastMs / 1000} s (block at ${blockAtPoints})`
    const origin = modelPoints * 2 > points ? 'model' : 'detector'
    const reason = `${pointsByDetector(evidence, modelPoints)}: ${threshold}`
    return { source, origin, reason, points, blockMs, evidence }
  }

  return {
    judge: (batch, nowMs) => {
      dropIdle(nowMs)
      for (const evidence of batch) add(evidence)
      const verdicts: Verdict[] = []
      for (const source of new Set(batch.map((evidence) => evidence.source))) {
        if ((blocked.get(source) ?? 0) > nowMs) continue
        const evidence = live(source, nowMs)
        const total = sum(evidence)
        if (total.points < blockAtPoints) continue
        noteBlock(source, nowMs + blockMs)
        verdicts.push(block(source, evidence, total))
      }
      return verdicts
    },
    points: (source, nowMs) => sum(live(source, nowMs)).points,
    suspects: (nowMs) => [...firings.keys()].filter((source) => live(source, nowMs).length > 0),
    resume: noteBlock,
    forget: (source) => {
      firings.delete(source)
      blocked.delete(source)
    },
    get sources() {
      return firings.size
    },
    get evicted() {
      return evicted
    },
  }
}

/** Takes out the first entry of a full map; whether it had to. */
function makeRoom(map: Map<string, unknown>, capacity: number): boolean {
  if (map.size < capacity) return false
  return map.delete(map.keys().next().value!)
}

/** One less when full: the oldest of the model, so that many small hits never push out a detector's firing. */
function withRoom(evidence: readonly Evidence[]): readonly Evidence[] {
  if (evidence.length < MAX_EVIDENCE) return evidence
  const oldest = Math.max(
    0,
    evidence.findIndex(({ detector }) => detector === 'model'),
  )
  return evidence.toSpliced(oldest, 1)
}

/** `scan_vertical 60 + login 60`; the model with what counted after the cap. */
function pointsByDetector(evidence: readonly Evidence[], modelPoints: number): string {
  const sums = new Map<string, number>()
  for (const { detector, points } of evidence) sums.set(detector, (sums.get(detector) ?? 0) + points)
  if (sums.has('model')) sums.set('model', modelPoints)
  return [...sums].map(([detector, points]) => `${detector} ${points}`).join(' + ')
}

function positive(name: string, value: number): number {
  if (value > 0 && !Number.isNaN(value)) return value
  throw new ArgumentError(`policy.${name}`, 'a number above 0', String(value))
}
