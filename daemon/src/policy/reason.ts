/** Why a verdict is what it is, in one line: detectors with points against the threshold, repeats, the path. Pure. */

import type { Evidence } from '../detect/evidence.js'
import { type Step, stepInWords } from './ladder.js'
import type { PathStanding } from './path-proof.js'
import type { PointsSum } from './points.js'

export interface ReasonParts {
  readonly source: string
  readonly evidence: readonly Evidence[]
  readonly sum: PointsSum
  readonly blockAtPoints: number
  /** Longest block without proof, ms. */
  readonly unprovenBlockMs: number
  readonly path: PathStanding
  /** Earlier blocks of this source, and within which time they were counted, ms. */
  readonly repeats: number
  readonly repeatWindowMs: number
  /** What is done, and its place on a ladder of so many steps, from 1. */
  readonly step: Step & { readonly number: number; readonly of: number }
  /** Tripped origins without which it would be none; empty when it needs none of them. */
  readonly tripped: readonly string[]
}

const DAY_MS = 86_400_000

export function reasonOf(parts: ReasonParts): string {
  const { evidence, sum, blockAtPoints } = parts
  const times = evidence.map(({ atMs }) => atMs)
  const spanMs = Math.max(...times) - Math.min(...times)
  const span = spanMs < 50 ? 'at once' : `in ${rounded(spanMs / 1_000)} s`
  const points = `${rounded(sum.points)} points ${span} (block at ${blockAtPoints})`
  const { tripped } = parts
  const held = tripped.length > 0 ? [`only counts: the breaker of ${tripped.join(', ')} is tripped`] : []
  return [`${pointsByDetector(evidence, sum.modelPoints)}: ${points}`, ...clauses(parts), ...held].join('; ')
}

function clauses({ source, path, unprovenBlockMs, repeats, repeatWindowMs, step }: ReasonParts): string[] {
  const isBan = step.action === 'drop' || step.action === 'reject'
  // A lone drop is what everybody expects.
  const climbed =
    step.of === 1 && step.action === 'drop'
      ? []
      : [`${step.of === 1 ? '' : `step ${step.number} of ${step.of}: `}${stepInWords(step)}`]
  if (path.kind === 'unproven') {
    return [isBan ? `path unproven: at most ${unprovenBlockMs / 1_000} s` : 'path unproven', ...climbed]
  }
  if (path.kind === 'alibi') {
    const since = new Date(path.sinceMs).toISOString().replace(/\.\d+Z$/, 'Z')
    return [`spoofable: ${source} has an open conversation (alibi since ${since})`, ...climbed]
  }
  if (repeats === 0) return climbed
  return [
    `blocked ${repeats === 1 ? 'once' : `${repeats} times`} before in ${rounded(repeatWindowMs / DAY_MS)} days`,
    ...climbed,
  ]
}

/** `scan_vertical 60 + login 60`; the model with what counted after the cap. */
function pointsByDetector(evidence: readonly Evidence[], modelPoints: number): string {
  const sums = new Map<string, number>()
  for (const { detector, points } of evidence) sums.set(detector, (sums.get(detector) ?? 0) + points)
  if (sums.has('model')) sums.set('model', modelPoints)
  return [...sums].map(([detector, points]) => `${detector} ${rounded(points)}`).join(' + ')
}

/** At most one digit after the point. */
function rounded(value: number): number {
  return Math.round(value * 10) / 10
}
