/** Scores the flows of a batch that are due, counts the scores, and says what it scores with. */

import type { ModelConfig } from '../config/config.js'
import type { FlowRecord } from '../decode/flow-record.js'
import type { Severity } from '../detect/evidence.js'
import { createDueFilter } from './due-filter.js'
import { featureRows } from './feature-rows.js'
import { isScore, type Model, openModel } from './model.js'
import { type Occlusion, occludedRows, occlusion, type StoredRow, storedRow } from './occlusion.js'
import { createScoreCounter, type ScoreCounts } from './score-counts.js'
import { severityOf } from './severity.js'

export interface ScorerState {
  readonly isLoaded: boolean
  readonly name: string
  readonly version: string
  readonly sha256: string
  /** Lowest score that is a hit. */
  readonly threshold: number
  /** Features that the model names and idsd does not compute: they are 0 for every flow. */
  readonly missingFeatures: readonly string[]
  /** Why there is no model; '' when there is one. */
  readonly problem: string
  readonly flowsScored: number
  /** Answers of the model that are no number in [0, 1]; such a flow counts as not scored. */
  readonly oddScores: number
  /** All scores since the start, for a histogram. */
  readonly scores: ScoreCounts
  /** By the levels of the bundle; `low` for every score without a model. */
  severityOf(score: number): Severity
}

export interface Scorer {
  /**
   * @param offsets where each flow's full record begins in `view`; -1 when it has none
   * @returns `Float32Array` of `flows.length` scores in [0, 1]; NaN where a flow was not due
   */
  score(view: DataView, flows: readonly FlowRecord[], offsets: readonly number[]): Promise<Float32Array>
  /**
   * Which features of one flow weighed most.
   * @param features by name, as they were stored
   * @returns undefined without a model, and for a bundle that does not name its medians
   */
  explain(features: StoredRow): Promise<Occlusion | undefined>
  /** Takes over a changed threshold. */
  configure(config: ModelConfig): void
  state(): ScorerState
  close(): Promise<void>
}

export interface ScorerOptions {
  readonly model: ModelConfig
  readonly log: {
    info(fields: object, message: string): void
    warn(fields: object, message: string): void
  }
}

/** What a scorer without a model says of itself. */
export const unloadedState: ScorerState = {
  isLoaded: false,
  name: '',
  version: '',
  sha256: '',
  threshold: 1,
  missingFeatures: [],
  problem: '',
  flowsScored: 0,
  oddScores: 0,
  scores: createScoreCounter().counts(),
  severityOf: () => 'low',
}

/** Never throws for a bundle that does not load: the daemon goes on without it and says so. */
export async function createScorer({ model: config, log }: ScorerOptions): Promise<Scorer> {
  let model: Model | undefined
  let problem = ''
  let ownThreshold = config.threshold
  let oddScores = 0
  const counter = createScoreCounter()

  if (config.dir === null) {
    problem = 'switched off (model.dir = "none")'
  } else {
    try {
      model = await openModel(config.dir)
    } catch (error) {
      problem = (error as Error).message
      log.warn({ problem }, 'no model: flows are not scored, detectors go on')
    }
  }
  const cuts = model?.bundle.trainedOnCuts.filter((cut) => typeof cut === 'number') ?? []
  const isDue = createDueFilter(cuts)
  const missingFeatures = model?.bundle.missingFeatures ?? []
  if (missingFeatures.length > 0)
    log.warn({ missingFeatures }, 'the model names features that idsd does not compute: they are 0')

  /** A score that may be passed on; NaN for one that may not. */
  const checked = (score: number): number => {
    if (isScore(score)) {
      counter.add(score)
      return score
    }
    if (oddScores === 0) log.warn({ score }, 'the model gave a score outside [0, 1]: it is not used')
    oddScores++
    return Number.NaN
  }

  return {
    async score(view, flows, offsets) {
      const scores = new Float32Array(flows.length).fill(Number.NaN)
      if (model === undefined) return scores
      const due: number[] = []
      flows.forEach((flow, i) => {
        if ((offsets[i] as number) >= 0 && isDue(flow)) due.push(i)
      })
      if (due.length === 0) return scores
      const at = due.map((i) => offsets[i] as number)
      try {
        const results = await model.score(featureRows(view, at, model.bundle.columns))
        due.forEach((i, row) => {
          scores[i] = checked(results[row] as number)
        })
      } catch (error) {
        problem = (error as Error).message
        log.warn({ problem }, 'the model failed and is out of use')
        const failed = model
        model = undefined
        await failed.close().catch(() => undefined)
      }
      return scores
    },
    async explain(features) {
      const bundle = model?.bundle
      if (model === undefined || bundle?.medians === undefined) return undefined
      const { features: names, columns, medians } = bundle
      const row = storedRow(features, columns)
      const scores = await model.score(occludedRows(row, medians))
      return occlusion(names, row, medians, scores)
    },
    configure: (next) => {
      ownThreshold = next.threshold
    },
    state: () => {
      const bundle = model?.bundle
      const scores = counter.counts()
      return {
        isLoaded: bundle !== undefined,
        name: bundle?.name ?? '',
        version: bundle?.version ?? '',
        sha256: bundle?.sha256 ?? '',
        threshold: ownThreshold ?? bundle?.threshold ?? 1,
        missingFeatures: bundle?.missingFeatures ?? [],
        problem,
        flowsScored: scores.count,
        oddScores,
        scores,
        severityOf: (score) => severityOf(bundle?.severity ?? [], score),
      }
    },
    async close() {
      await model?.close()
      model = undefined
    },
  }
}
