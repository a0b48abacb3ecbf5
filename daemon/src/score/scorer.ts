/** Scores the flows of a batch that are due: when they become READY and when they end. */

import type { ModelConfig } from '../config/config.js'
import type { FlowRecord } from '../decode/flow-record.js'
import { featureMatrix } from '../features/compute.js'
import { type Model, openModel } from './model.js'

export interface ScorerState {
  readonly isLoaded: boolean
  readonly name: string
  readonly version: string
  readonly sha256: string
  /** Lowest score that is a hit. */
  readonly threshold: number
  /** Why there is no model; '' when there is one. */
  readonly problem: string
  readonly flowsScored: number
}

export interface Scorer {
  /**
   * @param offsets where each flow's full record begins in `view`; -1 when it has none
   * @returns `Float32Array` of `flows.length` scores in [0, 1]; NaN where a flow was not due
   */
  score(view: DataView, flows: readonly FlowRecord[], offsets: readonly number[]): Promise<Float32Array>
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

/** Flows remembered as scored at READY; the oldest leave first. */
const maxRemembered = 65_536

/** Never throws for a bundle that does not load: the daemon goes on without it and says so. */
export async function createScorer({ model: config, log }: ScorerOptions): Promise<Scorer> {
  let model: Model | undefined
  let problem = ''
  let ownThreshold = config.threshold
  let flowsScored = 0
  const readyScored = new Set<number>()

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

  const isDue = (flow: FlowRecord): boolean => {
    if (flow.isTransit) return false
    if (flow.kind === 'ended') {
      readyScored.delete(flow.id)
      return true
    }
    if (flow.tcpState !== 'ready' || readyScored.has(flow.id)) return false
    readyScored.add(flow.id)
    if (readyScored.size > maxRemembered) readyScored.delete(readyScored.values().next().value as number)
    return true
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
        const results = await model.score(featureMatrix(view, at, model.bundle.columns))
        due.forEach((i, row) => {
          scores[i] = results[row] as number
        })
        flowsScored += due.length
      } catch (error) {
        problem = (error as Error).message
        log.warn({ problem }, 'the model failed and is out of use')
        const failed = model
        model = undefined
        await failed.close().catch(() => undefined)
      }
      return scores
    },
    configure: (next) => {
      ownThreshold = next.threshold
    },
    state: () => ({
      isLoaded: model !== undefined,
      name: model?.bundle.name ?? '',
      version: model?.bundle.version ?? '',
      sha256: model?.bundle.sha256 ?? '',
      threshold: ownThreshold ?? model?.bundle.threshold ?? 1,
      problem,
      flowsScored,
    }),
    async close() {
      await model?.close()
      model = undefined
    },
  }
}
