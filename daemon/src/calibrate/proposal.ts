/** From what was learnt of a site to thresholds for a stated number of alerts. Pure. */

import { IN_FORCE, LEVELS } from './ladder.js'
import { createScoreSketch, type ScoreSketch, STEPS } from './score-sketch.js'
import type { SampleState, SourceRecord } from './site-sample.js'
import { type FittedDetector, fitted, scaled } from './thresholds.js'

/**
 * What a source says of the site. `named`: an operator says it is ours; `known`: it fired, and was in proven two-way
 * traffic for long; `counted`: it fired at no threshold in force; `left_out`: it fired and nobody knows it, it is blocked,
 * or an operator says it is not ours.
 */
export type SourceStanding = 'named' | 'known' | 'counted' | 'left_out'

export interface DetectorProposal {
  readonly detector: FittedDetector
  /** Key of the configuration. */
  readonly path: string
  readonly unit: string
  readonly before: number
  /** The stated share of what counts stayed below this; undefined: it went beyond all that is measured. */
  readonly seenBelow: number | undefined
  readonly proposed: number
  /** Alerts of 10,000 flows, of what counts. */
  readonly alertsBefore: number
  readonly alertsAfter: number
  /** The file names the key: it wins. */
  readonly isPinned: boolean
  /** Why there is no threshold that does; '' where there is one. */
  readonly problem: string
}

export interface ModelProposal {
  readonly name: string
  readonly sha256: string
  readonly before: number
  readonly seenBelow: number | undefined
  readonly proposed: number
  readonly alertsBefore: number
  readonly alertsAfter: number
  readonly isPinned: boolean
  /** Why it cannot be fitted; '' where it can. */
  readonly problem: string
}

/** One source that fired, and what it would have done at the proposed thresholds. */
export interface ProposedSource {
  readonly source: string
  readonly standing: SourceStanding
  readonly detectors: readonly FittedDetector[]
  readonly firingsBefore: number
  readonly firingsAfter: number
  /** Points of all its firings together reach the block level: at most so, because points end. */
  readonly mayBlockAfter: boolean
}

export interface Proposal {
  /** Alerts of 10,000 flows that were asked for, of each detector and of the model. */
  readonly alerts: number
  readonly flows: number
  readonly scored: number
  readonly detectors: readonly DetectorProposal[]
  /** Undefined without a model. */
  readonly model: ModelProposal | undefined
  /** Those who fired at thresholds in force, most firings first. */
  readonly sources: readonly ProposedSource[]
  /** What is missing for it to be sound, in words; empty when nothing is. */
  readonly missing: readonly string[]
}

export interface ProposalInput {
  readonly state: SampleState
  /** Thresholds in force while it was learnt. */
  readonly before: Readonly<Record<FittedDetector, number>>
  readonly points: Readonly<Record<FittedDetector, number>>
  readonly blockAtPoints: number
  readonly model:
    | {
        readonly name: string
        readonly sha256: string
        readonly threshold: number
        readonly isPinned: boolean
        /** The scores are of this bundle. */
        readonly isScorer: boolean
      }
    | undefined
  readonly alerts: number
  readonly isPinned: (path: string) => boolean
  /** Whether an operator says that a source is ours (true) or is not (false); undefined: he says nothing. */
  readonly saidOf: (source: string) => boolean | undefined
  /** Scores of the named sources that are not in the sample. */
  readonly namedScores: ScoreSketch
  /** Fewer flows than this say nothing. */
  readonly minFlows: number
}

/** A model's threshold is never set below: there a flow is as likely as not to be benign. */
const LEAST_THRESHOLD = 0.5
const PER = 10_000

export function propose(input: ProposalInput): Proposal {
  const { state, alerts, minFlows } = input
  const { flows } = state
  const standings = new Map(
    state.sources.map(([source, record]) => [source, standingOf(record, input.saidOf(source))] as const),
  )
  const detectors = fitted.map((key) => proposeDetector(key, input, standings))
  const model = input.model === undefined ? undefined : proposeModel(input, input.model)
  const scored = state.scores.reduce((sum, count) => sum + count, 0)
  const missing: string[] = []
  if (flows < minFlows) missing.push(`${flows} flows were learnt from, and ${minFlows} are the least`)
  if (input.model !== undefined && scored < minFlows)
    missing.push(`the model scored ${scored} flows, and ${minFlows} are the least`)
  if (state.unkept > 0)
    missing.push(`${state.unkept} firings are of more sources than can be kept, and are not looked at`)
  return { alerts, flows, scored, detectors, model, sources: sourcesOf(input, standings, detectors), missing }
}

function standingOf(record: SourceRecord, said: boolean | undefined): SourceStanding {
  if (said !== undefined) return said ? 'named' : 'left_out'
  if (record.isBlocked) return 'left_out'
  const hasFired = Object.values(record.firings).some((counts) => (counts[IN_FORCE] ?? 0) > 0)
  if (!hasFired) return 'counted'
  return record.isKnown ? 'known' : 'left_out'
}

/**
 * The lowest height, from the one in force, at which the firings are within what was asked for. No source stands for more
 * than half of that, so that one alone moves nothing; but those that were named do not fire at all. A threshold is never
 * lowered: what was not seen in a day is no reason to block for less.
 */
function proposeDetector(
  key: (typeof fitted)[number],
  { state, before: thresholds, alerts, isPinned: pinned }: ProposalInput,
  standings: ReadonlyMap<string, SourceStanding>,
): DetectorProposal {
  const { detector, path, unit } = key
  const before = thresholds[detector]
  const at = (level: number) => scaled(key, before, LEVELS[level] as number)
  const allowed = (state.flows * alerts) / PER
  const most = Math.max(1, Math.floor(allowed / 2))
  const levels = LEVELS.map(() => ({ all: 0, capped: 0, named: 0 }))
  for (const [source, { firings }] of state.sources) {
    const standing = standings.get(source)
    if (standing === 'left_out') continue
    firings[detector]?.forEach((count, level) => {
      const sum = levels[level]!
      sum.all += count
      if (standing === 'named') sum.named += count
      else sum.capped += Math.min(count, most)
    })
  }
  const fits = ({ capped, named }: (typeof levels)[number]) => named === 0 && capped <= allowed
  const fit = levels.findIndex((sum, level) => level >= IN_FORCE && fits(sum))
  const seen = levels.findIndex(fits)
  const rate = (level: number) => perTenThousand(levels[level]!.all, state.flows)
  const isPinned = pinned(path)
  const last = LEVELS.length - 1
  const taken = fit < 0 || isPinned ? IN_FORCE : fit
  return {
    ...{ detector, path, unit, before, isPinned },
    seenBelow: seen < 0 ? undefined : at(seen),
    proposed: taken === IN_FORCE ? before : at(taken),
    alertsBefore: rate(IN_FORCE),
    alertsAfter: rate(taken),
    problem:
      fit < 0
        ? `even ${at(last)} ${unit} would fire ${rate(last)} times in 10,000 flows: it stays as it is`
        : '',
  }
}

/**
 * The lowest step at which the scores are within what was asked for. Below the threshold before only if it is so at 95 %
 * confidence as well: few flows without a hit do not show that hits are rare.
 */
function proposeModel(
  { state, namedScores, alerts, minFlows }: ProposalInput,
  { name, sha256, threshold: before, isPinned, isScorer }: NonNullable<ProposalInput['model']>,
): ModelProposal {
  const sketch = createScoreSketch(state.scores)
  sketch.merge(namedScores)
  const allowed = (sketch.total * alerts) / PER
  const lowest = (isWithin: (count: number) => boolean, from: number) => {
    for (let step = Math.ceil(from * STEPS); step <= STEPS; step++)
      if (isWithin(sketch.countFrom(step / STEPS))) return step / STEPS
    return undefined
  }
  const seenBelow = lowest((count) => count <= allowed, 0)
  const fit = isScorer ? lowest((count) => count <= allowed, LEAST_THRESHOLD) : undefined
  const safe = lowest((count) => upperBound(count) <= allowed, LEAST_THRESHOLD) ?? 1
  const proposed = fit === undefined || isPinned ? before : fit >= before ? fit : Math.min(before, safe)
  const rate = (threshold: number) => perTenThousand(sketch.countFrom(threshold), sketch.total)
  return {
    ...{ name, sha256, before, seenBelow, proposed, isPinned },
    alertsBefore: rate(before),
    alertsAfter: rate(proposed),
    problem: !isScorer
      ? 'the scores are of another bundle than the one in use: learn anew'
      : sketch.total < minFlows
        ? `it scored ${sketch.total} flows, too few to fit it, with --force too`
        : fit === undefined
          ? `${rate(1)} of 10,000 flows have the highest score there is: the model does not fit this site`
          : isPinned && rate(before) > alerts
            ? `the file sets a threshold at which ${rate(before)} of 10,000 flows are hits`
            : '',
  }
}

/** 95 % upper bound of a Poisson mean. Source: Wilson and Hilferty, PNAS 17(12), 1931; 3 for none, the rule of three. */
function upperBound(count: number): number {
  const n = count + 1
  return n * (1 - 1 / (9 * n) + 1.645 / (3 * Math.sqrt(n))) ** 3
}

function sourcesOf(
  { state, before, points, blockAtPoints }: ProposalInput,
  standings: ReadonlyMap<string, SourceStanding>,
  detectors: readonly DetectorProposal[],
): ProposedSource[] {
  const levels = new Map(
    detectors.map(({ detector, proposed }) => {
      const key = fitted.find((one) => one.detector === detector)!
      const at = LEVELS.findIndex(
        (factor, level) => level >= IN_FORCE && scaled(key, before[detector], factor) >= proposed,
      )
      return [detector, proposed === before[detector] || at < 0 ? IN_FORCE : at] as const
    }),
  )
  const rows = state.sources.flatMap(([source, { firings }]): ProposedSource[] => {
    const fired = (Object.entries(firings) as [FittedDetector, number[]][]).filter(
      ([, counts]) => (counts[IN_FORCE] ?? 0) > 0,
    )
    if (fired.length === 0) return []
    let firingsBefore = 0
    let firingsAfter = 0
    let sum = 0
    for (const [detector, counts] of fired) {
      const after = counts[levels.get(detector)!] ?? 0
      firingsBefore += counts[IN_FORCE] ?? 0
      firingsAfter += after
      sum += after * points[detector]
    }
    const standing = standings.get(source)!
    const names = fired.map(([detector]) => detector)
    const mayBlockAfter = sum >= blockAtPoints
    return [{ source, standing, detectors: names, firingsBefore, firingsAfter, mayBlockAfter }]
  })
  return rows.sort((a, b) => b.firingsBefore - a.firingsBefore)
}

function perTenThousand(count: number, flows: number): number {
  return flows === 0 ? 0 : Math.round((count / flows) * PER * 100) / 100
}
