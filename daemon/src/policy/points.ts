/** Who gathered how many points: the firings of each source that still count. Pure. */

import type { Evidence } from '../detect/evidence.js'
import { createRecentMap } from '../recent-map.js'

export interface PointsOptions {
  /** Points count at least so long, ms; longer where the evidence says so. */
  readonly lastMs: number
  /** Most points that the model can give one source; Infinity lifts the cap. */
  readonly modelCap: number
}

export interface Points {
  /** What counted so far goes on counting by the changed options. */
  configure(options: PointsOptions): void
  add(evidence: Evidence): void
  /** What still counts of a source, oldest first; empty for one that is not held. */
  live(source: string, nowMs: number): readonly Evidence[]
  sum(evidence: readonly Evidence[]): PointsSum
  /** A source begins anew. */
  forget(source: string): void
  /** Sources with points that count. */
  sources(nowMs: number): string[]
  /** Sources with points that count, or did. */
  held(): string[]
  readonly size: number
  /** Sources that left to make room. */
  readonly evicted: number
}

/** The model's cap is applied. */
export interface PointsSum {
  readonly points: number
  readonly modelPoints: number
  /** Of these, what was seen on a proven path. */
  readonly provenPoints: number
  /** Of the proven ones, what is not the model's. */
  readonly provenBehaviour: number
}

/** A clock that is this much earlier than evidence was set back, ms. */
const BACKWARD_MS = 2_000

/** Firings kept for a source: with 5 points each, 64 are more than three thresholds. */
const MAX_EVIDENCE = 64

/** @param maxSources sources held at most; the least recent leaves first */
export function createPoints(given: PointsOptions, maxSources: number): Points {
  let options = given
  const firings = createRecentMap<string, readonly Evidence[]>(maxSources)

  function live(source: string, nowMs: number): readonly Evidence[] {
    const all = firings.get(source)
    if (all === undefined) return []
    // Evidence of the future is from before the clock was set back.
    const counts = ({ atMs, pointsLastMs }: Evidence) =>
      atMs <= nowMs + BACKWARD_MS && atMs > nowMs - Math.max(pointsLastMs, options.lastMs)
    const kept = all.every(counts) ? all : all.filter(counts)
    if (kept.length === 0) firings.delete(source)
    else if (kept.length < all.length) firings.replace(source, kept)
    return kept
  }

  return {
    configure: (next) => {
      options = next
    },
    add: (evidence) => {
      const { source } = evidence
      const held = firings.get(source)
      firings.set(source, held === undefined ? [evidence] : [...withRoom(held), evidence])
    },
    live,
    sum: (evidence) => {
      const behaviour = sumOf(evidence.filter(({ detector }) => detector !== 'model'))
      const model = sumOf(evidence.filter(({ detector }) => detector === 'model'))
      const modelPoints = Math.min(model.all, options.modelCap)
      return {
        points: behaviour.all + modelPoints,
        modelPoints,
        provenPoints: behaviour.proven + Math.min(model.proven, modelPoints),
        provenBehaviour: behaviour.proven,
      }
    },
    forget: firings.delete,
    sources: (nowMs) => {
      const found: string[] = []
      for (const [source] of firings.entries()) if (live(source, nowMs).length > 0) found.push(source)
      return found
    },
    held: () => [...firings.entries()].map(([source]) => source),
    get size() {
      return firings.size
    },
    get evicted() {
      return firings.evicted
    },
  }
}

function sumOf(evidence: readonly Evidence[]): { readonly all: number; readonly proven: number } {
  let all = 0
  let proven = 0
  for (const { points, isProven } of evidence) {
    all += points
    if (isProven) proven += points
  }
  return { all, proven }
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
