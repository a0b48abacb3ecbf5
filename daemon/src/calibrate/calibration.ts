/**
 * Learns what a site does, proposes thresholds, and keeps those that were applied. It lives in the store: a restart goes
 * on where the last save was. Time is counted as it is learnt in, so that neither a clock that is set nor a daemon that is
 * down ends it early.
 */

import type { Config } from '../config/config.js'
import type { FlowRecord } from '../decode/flow-record.js'
import type { DetectorsSurroundings } from '../detect/detectors.js'
import type { Evidence } from '../detect/evidence.js'
import { NotFoundError } from '../errors.js'
import type { CalibrationTable } from '../record/calibration-table.js'
import { detectorOptions } from '../room-options.js'
import { fittedSite } from './fitted-site.js'
import { createLadder, type Ladder } from './ladder.js'
import { type Proposal, propose } from './proposal.js'
import { type RunState, readRun, VERSION } from './run-state.js'
import { createScoreSketch } from './score-sketch.js'
import { type IsPinned, isModelFitted, readSite, type SiteThresholds, siteInWords, withSite } from './site.js'
import { createSiteSample, type SiteSample, type Standing } from './site-sample.js'
import { createSourceShare } from './source-share.js'
import { pointsOf, thresholdsOf } from './thresholds.js'

/** What is being learnt, or was. */
export interface CalibrationRun {
  /** Wall times, ms; `endedAtMs` 0 = it goes on. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  /** Learnt for so long so far, and to be learnt for, ms. */
  readonly learntMs: number
  readonly forMs: number
  readonly by: string
  /** Mode before it began. */
  readonly modeBefore: Config['mode']
  readonly flows: number
  /** About. */
  readonly sources: number
  /** Flows whose score was counted. */
  readonly scored: number
  /** Sources that fired a detector or are blocked: their scores do not count. */
  readonly leftOut: number
  /** Flows that began, by protocol and kind of port. */
  readonly classes: Readonly<Record<string, number>>
}

export interface ProposeRequest {
  /** Alerts of 10,000 flows. */
  readonly alerts: number
  /** Whether an operator says that a source is ours (true) or is not (false). */
  readonly saidOf: (source: string) => boolean | undefined
  /** Single addresses that are ours, whose stored scores count. */
  readonly named: readonly string[]
}

export interface BatchSeen {
  readonly flows: readonly FlowRecord[]
  readonly scores: ArrayLike<number>
  /** What the detectors in force found. */
  readonly found: readonly Evidence[]
  /** Wall time, ms. */
  readonly nowMs: number
  /** Time that does not go back, ms. */
  readonly uptimeMs: number
  readonly heardMs: number
}

export interface Calibration {
  observe(batch: BatchSeen): void
  /** Undefined when nothing was learnt. */
  readonly run: CalibrationRun | undefined
  readonly site: SiteThresholds | undefined
  /** The model in use, at the threshold in force, is the one that was fitted. */
  isModelFitted(): boolean
  /**
   * The configuration with what was fitted, where the file does not name the key. The model in use must have the threshold
   * of the configuration that is given.
   */
  fit(config: Config): Config
  /** @throws NotFoundError when nothing was learnt */
  propose(request: ProposeRequest): Proposal
  start(order: {
    readonly forMs: number
    readonly by: string
    readonly modeBefore: Config['mode']
    readonly nowMs: number
  }): void
  /** Ends the learning, and keeps what was learnt. @returns what is in force from here on */
  apply(proposal: Proposal, order: { readonly by: string; readonly nowMs: number }): SiteThresholds
  /** Ends the learning before its time, and keeps what was learnt; nothing where it does not learn. */
  stop(nowMs: number): void
  cancel(): void
  clear(): void
  /** Writes what was learnt so far. */
  save(): void
}

export interface ModelInUse {
  readonly name: string
  /** '' without a model. */
  readonly sha256: string
  readonly threshold: number
}

export interface CalibrationOptions {
  readonly store: CalibrationTable
  /** In force, with what was fitted. */
  readonly config: () => Config
  readonly isPinned: IsPinned
  readonly surroundings: DetectorsSurroundings
  readonly standing: Standing
  readonly model: () => ModelInUse
  /** Scores of stored flows of one source since then, as far as they are kept. */
  readonly scoresOf: (source: string, sinceMs: number) => readonly number[]
  /** Other thresholds are in force from here on. */
  readonly onSite: () => void
  readonly log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
  }
}

/** More than this between two batches is no time that was learnt in, ms. */
const LONGEST_STEP_MS = 5_000

export function createCalibration(options: CalibrationOptions): Calibration {
  const { store, config, isPinned, surroundings, standing, model, log } = options
  let site = readSite(store.calibration('site'))
  let state: RunState | undefined
  let sample: SiteSample = createSiteSample()
  let ladder: Ladder | undefined
  const share = createSourceShare()
  let lastMs = Number.NaN
  let savedMs = 0

  const stored = readRun(store.calibration('run'))
  if (stored !== undefined) {
    try {
      sample = createSiteSample(stored.sample)
      state = stored.state
    } catch (error) {
      log.warn({ problem: (error as Error).message }, 'what a calibration had learnt cannot be read')
    }
  }

  const basisNow = () => {
    const { sha256, threshold } = model()
    return JSON.stringify([detectorOptions(config()), sha256, threshold])
  }

  /** What is measured against. */
  const measure = () => ({
    basis: basisNow(),
    bundle: model().sha256,
    thresholds: thresholdsOf(config()),
  })

  function save(): void {
    if (state === undefined) return
    if (state.endedAtMs === 0) sample.settle(standing)
    store.saveCalibration('run', { ...state, sample: sample.state() })
  }

  /** What was measured against other thresholds says nothing of those in force. */
  function beginAnew(run: RunState, nowMs: number): void {
    log.warn({}, 'the calibration begins anew: thresholds or model are others than when it began')
    Object.assign(run, { startedAtMs: nowMs, learntMs: 0, ...measure() })
    sample = createSiteSample()
    ladder = undefined
  }

  function observe({ flows, scores, found, nowMs, uptimeMs, heardMs }: BatchSeen): void {
    if (state === undefined || state.endedAtMs !== 0) return
    if (ladder === undefined) {
      if (state.basis !== basisNow()) beginAnew(state, nowMs)
      ladder = createLadder(config(), surroundings)
      lastMs = uptimeMs
      savedMs = uptimeMs
    }
    state.learntMs += Math.min(LONGEST_STEP_MS, Math.max(0, uptimeMs - lastMs))
    lastMs = uptimeMs
    if (share.count(flows, uptimeMs))
      log.info({ oneIn: share.oneIn }, `the calibration learns from one in ${share.oneIn} sources`)
    const [kept, keptScores] = keptOf(flows, scores)
    const keptFound = found.filter(({ source }) => share.keeps(source))
    sample.observe(kept, keptScores, ladder.observe(kept, keptFound, nowMs, heardMs))
    const isOver = state.learntMs >= state.forMs
    if (!isOver && uptimeMs - savedMs < config().calibrate.saveS * 1_000) return
    savedMs = uptimeMs
    if (isOver) end(state, nowMs)
    else save()
  }

  function keptOf(flows: BatchSeen['flows'], scores: BatchSeen['scores']) {
    if (share.oneIn === 1) return [flows, scores] as const
    const places = flows.flatMap(({ src }, i) => (share.keeps(src) ? [i] : []))
    return [places.map((i) => flows[i] as FlowRecord), places.map((i) => scores[i] as number)] as const
  }

  function end(run: RunState, nowMs: number): void {
    sample.settle(standing)
    run.endedAtMs = nowMs
    ladder = undefined
    const { flows, sources } = sample
    log.info({ flows, sources }, 'the calibration has learnt for its time: idsctl calibrate finish shows it')
    save()
  }

  return {
    observe,
    get run() {
      if (state === undefined) return undefined
      const { flows, sources, scored, leftOut, classes } = sample
      const { startedAtMs, endedAtMs, learntMs, forMs, by, modeBefore } = state
      return {
        ...{ startedAtMs, endedAtMs, learntMs, forMs, by, modeBefore },
        ...{ flows, sources, scored, leftOut, classes },
      }
    },
    get site() {
      return site
    },
    isModelFitted: () => {
      const { sha256, threshold } = model()
      return isModelFitted(site, sha256, threshold)
    },
    fit: (given) => {
      // Whoever measures does so against what is in force.
      const made = withSite(given, site, isPinned, model())
      if (state !== undefined && state.endedAtMs === 0) ladder = undefined
      return made
    },
    propose: ({ alerts, saidOf, named }) => {
      if (state === undefined) {
        throw new NotFoundError('nothing was learnt yet; idsctl calibrate start --for 24h begins')
      }
      const { startedAtMs } = state
      const namedScores = createScoreSketch()
      const leftOut = new Set(sample.state().leftOut)
      for (const source of named.filter((one) => leftOut.has(one))) {
        for (const score of options.scoresOf(source, startedAtMs)) namedScores.add(score)
      }
      const { detect, policy, calibrate } = config()
      const { name, sha256, threshold } = model()
      return propose({
        ...{
          state: sample.state(),
          before: state.thresholds,
          points: pointsOf(detect),
          blockAtPoints: policy.blockAtPoints,
        },
        model:
          sha256 === ''
            ? undefined
            : {
                ...{ name, sha256, threshold, isPinned: isPinned('model.threshold') },
                isScorer: state.bundle === sha256,
              },
        ...{ alerts, isPinned, saidOf, namedScores, minFlows: calibrate.minFlows },
      })
    },
    start: ({ forMs, by, modeBefore, nowMs }) => {
      const before = { state, sample }
      state = {
        ...{ version: VERSION, startedAtMs: nowMs, endedAtMs: 0, learntMs: 0, forMs, by, modeBefore },
        ...measure(),
      }
      sample = createSiteSample()
      ladder = undefined
      try {
        save()
      } catch (error) {
        state = before.state
        sample = before.sample
        throw error
      }
      log.info({ forMs, by }, 'a calibration begins to learn')
    },
    apply: (proposal, { by, nowMs }) => {
      const run = state as RunState
      const made = fittedSite(proposal, site, {
        ...{ atMs: nowMs, by, sources: sample.sources },
        ...{ sinceMs: run.startedAtMs, untilMs: run.endedAtMs === 0 ? nowMs : run.endedAtMs },
      })
      // The end of the learning first: what is in force changes what would be measured.
      if (run.endedAtMs === 0) end(run, nowMs)
      store.saveCalibration('site', made)
      site = made
      options.onSite()
      log.info({ by, thresholds: siteInWords(made) }, 'the thresholds of the calibration are in force')
      return made
    },
    stop: (nowMs) => {
      if (state !== undefined && state.endedAtMs === 0) end(state, nowMs)
    },
    cancel: () => {
      store.saveCalibration('run', undefined)
      state = undefined
      ladder = undefined
      sample = createSiteSample()
      log.info({}, 'what a calibration had learnt was thrown away')
    },
    clear: () => {
      store.saveCalibration('site', undefined)
      site = undefined
      options.onSite()
      log.warn({}, 'the thresholds of the calibration are no longer in force')
    },
    save,
  }
}
