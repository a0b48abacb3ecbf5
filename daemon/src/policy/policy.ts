/** Adds evidence up into verdicts: points per source, a block at a threshold, its length by proof and repeats. Pure. */

import type { DetectorName, Evidence } from '../detect/evidence.js'
import type { LadderName } from '../enforce/decision.js'
import { ArgumentError } from '../errors.js'
import { createRecentMap } from '../recent-map.js'
import { blockLengthMs } from './block-length.js'
import { createLadder, type Ladder, type LadderSettings, type LastStep, positive } from './ladder.js'
import type { PathStanding } from './path-proof.js'
import { createPoints, type PointsSum } from './points.js'
import { reasonOf } from './reason.js'
import { siteKey } from './site-prefix.js'
import { BAN, strengthOf } from './strength.js'
import type { Verdict } from './verdict.js'

/** What can change while it runs. */
export interface PolicySettings extends LadderSettings {
  /** Points at which a source is blocked. Default 100. */
  readonly blockAtPoints?: number
  /** Length of the first block, ms. Default 600,000. */
  readonly blockMs?: number
  /** Longest block of a source whose path is not proven, ms; never longer than `blockMs`. Default 60,000. */
  readonly unprovenBlockMs?: number
  /** Each block within `repeatWindowMs` of others lasts so many times the one before. Default 4, at least 1. */
  readonly repeatFactor?: number
  /** Default 604,800,000: 7 days. */
  readonly repeatWindowMs?: number
  /** No block is longer, ms. Default 86,400,000: a day. */
  readonly maxBlockMs?: number
  /** How long the points of one firing count at least, ms. Default 60,000. */
  readonly pointsLastMs?: number
  /** All live model points of a source together count at most this much. Default 40. */
  readonly modelPointsCap?: number
  /** Lifts the cap, so that the model alone can block. Default false. */
  readonly modelMayBlock?: boolean
}

export interface PolicyOptions extends PolicySettings {
  /** Sources held at most; the least recent leaves first. Default 65,536. */
  readonly maxSources?: number
  /** What is known about the path to an address. Default: nothing is. */
  readonly path?: (source: string, nowMs: number) => PathStanding
  /**
   * Automatic blocks of a source that were made since then, lasted longer than so long, and were not lifted by an
   * operator. Asked only for a verdict. Default: there were none.
   */
  readonly repeats?: (source: string, sinceMs: number, longerThanMs: number) => number
  /**
   * What was enforced last against a source, or a /64, on this ladder by a decision made since then that no operator
   * lifted. Asked only for a verdict on a ladder of several steps. Default: nothing was.
   */
  readonly lastStep?: (target: string, ladder: LadderName, sinceMs: number) => LastStep | undefined
  /** Origins whose points do not suffice for a block: see Breaker. Default: there are none. */
  readonly tripped?: ReadonlySet<DetectorName>
}

export interface Policy {
  /** Other settings; points and running blocks stay. @throws ArgumentError; then the old ones stay */
  configure(settings: PolicySettings): void
  /**
   * Takes the evidence of one batch and gives at most one verdict for each source. Its evidence is everything that
   * counted, oldest first. A source against which something stands gets only what is stronger. What led to a verdict
   * on a proven source does not count again; what led to another counts to the end of its own time.
   * @param nowMs wall time, ms since 1970
   */
  judge(evidence: readonly Evidence[], nowMs: number): Verdict[]
  /** Live points of a source, the model's cap applied. */
  points(source: string, nowMs: number): number
  /** Sources with live points. */
  suspects(nowMs: number): string[]
  /**
   * A decision about this source stands until then, whoever made it; wall time, ms. Before, it gets only what is
   * stronger.
   * @param strength as of `strengthOf`. Default: that of a drop
   */
  resume(source: string, untilMs: number, strength?: number): void
  /** The step for a verdict that goes to another target, such as a /64: what that one climbed before counts too. */
  climb(verdict: Verdict, nowMs: number): Verdict
  /** What a verdict becomes whose source a guard protects: see Guards. */
  soften(verdict: Verdict): Verdict
  /** Forgets points and block, e.g. when an operator lifts it; of a /64, those of all its addresses. */
  forget(target: string): void
  /** Every source may get a verdict at its next evidence, e.g. because decisions do something else from here on. */
  reconsider(): void
  /** Sources held now. */
  readonly sources: number
  /** Sources that left to make room. */
  readonly evicted: number
}

interface Standing {
  /** Wall time, ms. */
  readonly untilMs: number
  /** As of `strengthOf`. */
  readonly strength: number
}

/** A clock that went back so far was set, ms. */
const BACKWARD_MS = 2_000
/** What is over leaves so often, ms. */
const PRUNE_EVERY_MS = 10_000

const unknown: PathStanding = { kind: 'unproven', sinceMs: 0 }
const proven: PathStanding = { kind: 'proven', sinceMs: 0 }

/** @throws ArgumentError naming the option that is out of its range */
export function createPolicy(options: PolicyOptions = {}): Policy {
  const { path = () => unknown, repeats: countRepeats = () => 0, tripped = new Set() } = options
  const { lastStep = () => undefined } = options
  const maxSources = positive('maxSources', options.maxSources ?? 65_536)
  let settings = checked(options)
  let ladder: Ladder = createLadder(options)
  const points = createPoints(pointsOptions(settings), maxSources)
  /** What stands against a source. */
  const standing = createRecentMap<string, Standing>(maxSources)
  let prunedAtMs = Number.NEGATIVE_INFINITY
  let judgedMs = Number.NEGATIVE_INFINITY

  /** Those that are held. */
  function addressesIn(target: string): string[] {
    if (!target.endsWith('/64')) return [target]
    const site = siteKey(target.slice(0, -3))
    const held = new Set(points.held())
    for (const [source] of standing.entries()) held.add(source)
    return [...held].filter((source) => siteKey(source) === site)
  }

  function prune(nowMs: number): void {
    if (Math.abs(nowMs - prunedAtMs) < PRUNE_EVERY_MS) return
    prunedAtMs = nowMs
    for (const [source, { untilMs }] of standing.entries()) if (untilMs <= nowMs) standing.delete(source)
    points.sources(nowMs)
  }

  function note(source: string, untilMs: number, strength: number): void {
    standing.set(source, { untilMs, strength })
  }

  /** The step that is due; a ladder of one step needs no memory. */
  function dueStep(target: string, name: LadderName, nowMs: number): number {
    if (ladder.count(name) === 1) return 0
    return ladder.next(name, lastStep(target, name, nowMs - settings.repeatWindowMs), nowMs)
  }

  /** What counts without the tripped origins; undefined where that does not suffice. */
  function withoutTripped(evidence: readonly Evidence[]): readonly Evidence[] | undefined {
    if (tripped.size === 0) return evidence
    const left = evidence.filter(({ detector }) => !tripped.has(detector))
    return points.sum(left).points < settings.blockAtPoints ? undefined : left
  }

  /**
   * A behaviour that was seen on a proven path proves its source, and so do proven points that suffice by themselves.
   * A hit of the model on an honest connection of the address does not: it must not turn forged evidence into proof.
   */
  function pathOf(source: string, sum: PointsSum, nowMs: number): PathStanding {
    if (sum.provenBehaviour > 0 || sum.provenPoints >= settings.blockAtPoints) return proven
    const found = path(source, nowMs)
    return found.kind === 'unproven' && sum.provenPoints > 0 ? proven : found
  }

  /** How long a verdict lasts; a ban without proof may hit somebody else. */
  function lengthMs(isBan: boolean, name: LadderName, repeats: number): number {
    if (!isBan) return ladder.stepMs
    return name === 'proven' ? blockLengthMs(settings, repeats) : settings.unprovenBlockMs
  }

  /** @param isSeen a detector saw something of it just now, not the model alone */
  function verdictOn(source: string, nowMs: number, isSeen: boolean): Verdict | undefined {
    const stands = standing.get(source)
    const isStanding = stands !== undefined && stands.untilMs > nowMs
    if (isStanding && stands.strength >= BAN) return undefined
    const all = points.live(source, nowMs)
    if (all.length === 0 || points.sum(all).points < settings.blockAtPoints) return undefined
    const untripped = withoutTripped(all)
    const isHeld = untripped === undefined
    if (isHeld && isStanding) return undefined
    const evidence = untripped ?? all
    const sum = points.sum(evidence)
    const { blockAtPoints, unprovenBlockMs, repeatWindowMs } = settings
    const found = pathOf(source, sum, nowMs)
    const name: LadderName = found.kind === 'alibi' ? 'spoofable' : found.kind
    // A flood that is over must not hold back its victim for what the model thinks of honest flows.
    if (name === 'spoofable' && !isSeen && !settings.modelMayBlock) return undefined
    const step = dueStep(source, name, nowMs)
    const made = ladder.at(name, step, evidence)
    const strength = isHeld ? 0 : strengthOf(made)
    if (isStanding && strength <= stands.strength) return undefined
    const isBan = made.action === 'drop' || made.action === 'reject'
    const isFull = isBan && name === 'proven'
    const repeats = isFull ? countRepeats(source, nowMs - repeatWindowMs, unprovenBlockMs) : 0
    const blockMs = lengthMs(isBan, name, repeats)
    const kind = name === 'spoofable' ? 'spoofable' : isHeld ? 'would_block' : 'block'
    note(source, nowMs + blockMs, strength)
    // What only counts leaves the points to those who may block.
    if (name === 'proven' && kind === 'block') points.forget(source)
    return {
      kind,
      source,
      origin: sum.modelPoints * 2 > sum.points ? 'model' : 'detector',
      reason: reasonOf({
        source,
        evidence,
        sum,
        blockAtPoints,
        unprovenBlockMs,
        path: found,
        repeats,
        repeatWindowMs,
        step: { ...made, number: step + 1, of: ladder.count(name) },
        tripped: isHeld ? [...tripped] : [],
      }),
      points: sum.points,
      ...made,
      ladder: { name, step },
      blockMs,
      evidence,
    }
  }

  return {
    configure: (next) => {
      const [nextSettings, nextLadder] = [checked(next), createLadder(next)]
      settings = nextSettings
      ladder = nextLadder
      points.configure(pointsOptions(settings))
    },
    judge: (batch, nowMs) => {
      // What stood until a time of the clock before would stand for as long as it was set back.
      if (nowMs < judgedMs - BACKWARD_MS) standing.clear()
      judgedMs = nowMs
      prune(nowMs)
      const sources = new Map<string, boolean>()
      for (const evidence of batch) {
        if (evidence.about !== 'source' || !(evidence.points > 0)) continue
        points.add(evidence)
        const isSeen = evidence.detector !== 'model' || sources.get(evidence.source) === true
        sources.set(evidence.source, isSeen)
      }
      return [...sources].flatMap(([source, isSeen]) => verdictOn(source, nowMs, isSeen) ?? [])
    },
    points: (source, nowMs) => points.sum(points.live(source, nowMs)).points,
    suspects: (nowMs) => points.sources(nowMs),
    resume: (source, untilMs, strength = BAN) => note(source, untilMs, strength),
    climb: (verdict, nowMs) => {
      const { name, step } = verdict.ladder
      const due = dueStep(verdict.source, name, nowMs)
      if (due <= step) return verdict
      const { action: _action, limit: _limit, sparesFlows: _spares, ...rest } = verdict
      const made = ladder.at(name, due, verdict.evidence)
      const blockMs = lengthMs(strengthOf(made) >= BAN, name, 0)
      return { ...rest, ...made, ladder: { name, step: due }, blockMs }
    },
    soften: ({ limit: _limit, ...verdict }) => ({
      ...verdict,
      kind: 'spoofable',
      ...ladder.guarded,
      ladder: { name: 'spoofable', step: 0 },
      blockMs: ladder.stepMs,
    }),
    forget: (target) => {
      for (const source of addressesIn(target)) {
        points.forget(source)
        standing.delete(source)
      }
    },
    reconsider: () => standing.clear(),
    get sources() {
      return points.size
    },
    get evicted() {
      return standing.evicted + points.evicted
    },
  }
}

type Settings = Required<Omit<PolicySettings, keyof LadderSettings>>

function checked(given: PolicySettings): Settings {
  const blockMs = positive('blockMs', given.blockMs ?? 600_000)
  const unprovenBlockMs = positive('unprovenBlockMs', given.unprovenBlockMs ?? 60_000)
  const repeatFactor = given.repeatFactor ?? 4
  if (!(repeatFactor >= 1)) {
    throw new ArgumentError('policy.repeatFactor', 'a number of at least 1', String(repeatFactor))
  }
  return {
    blockAtPoints: positive('blockAtPoints', given.blockAtPoints ?? 100),
    blockMs,
    unprovenBlockMs: Math.min(unprovenBlockMs, blockMs),
    repeatFactor,
    repeatWindowMs: positive('repeatWindowMs', given.repeatWindowMs ?? 604_800_000),
    maxBlockMs: positive('maxBlockMs', given.maxBlockMs ?? 86_400_000),
    pointsLastMs: positive('pointsLastMs', given.pointsLastMs ?? 60_000),
    modelPointsCap: given.modelPointsCap ?? 40,
    modelMayBlock: given.modelMayBlock ?? false,
  }
}

function pointsOptions({ pointsLastMs, modelPointsCap, modelMayBlock }: Settings) {
  const modelCap = modelMayBlock ? Number.POSITIVE_INFINITY : modelPointsCap
  return { lastMs: pointsLastMs, modelCap }
}
