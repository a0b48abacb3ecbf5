/** One batch through the rooms: decode, features and score, detect, judge, enforce, record, publish. */

import { decodeBatch } from './decode/batch.js'
import type { FlowRecord, RecordKind } from './decode/flow-record.js'
import type { Detectors } from './detect/detectors.js'
import type { DetectorName, Evidence } from './detect/evidence.js'
import type { SourceSummary } from './detect/source-summary.js'
import type { Enforcer } from './enforce/enforcer.js'
import type { Kernel } from './kernel/kernel.js'
import type { RecordBatch } from './kernel/ring.js'
import type { Logger } from './log.js'
import { parseTarget, type Target } from './policy/address.js'
import type { Guards } from './policy/guards.js'
import type { Policy } from './policy/policy.js'
import type { Verdict } from './policy/verdict.js'
import type { Feeds } from './publish/handlers.js'
import type { NewAlert } from './record/alert.js'
import type { Store } from './record/store.js'
import { StoreError } from './record/store-error.js'
import type { Scorer } from './score/scorer.js'

export interface PipelineCounts {
  readonly flowRecords: Readonly<Record<RecordKind, number>>
  readonly alerts: Readonly<Record<DetectorName, number>>
  /** Records of an unknown kind. */
  readonly unknownRecords: number
  /** Rows that the store did not take. */
  readonly unstored: number
  /** Verdicts that a guard refused. */
  readonly guarded: number
}

export interface Pipeline {
  take(batch: RecordBatch): Promise<void>
  counts(): PipelineCounts
}

export interface PipelineOptions {
  readonly kernel: Pick<Kernel, 'clocks' | 'counters' | 'sources' | 'suspects'>
  readonly scorer: Scorer
  readonly detectors: () => Detectors
  readonly policy: () => Policy
  readonly guards: Guards
  readonly enforcer: Enforcer
  readonly store: Pick<Store, 'append'>
  readonly feeds: Feeds
  readonly log: Logger
}

/** Without records, windows that close by waiting are looked at so often, ms. */
const tickEveryMs = 100
/** Sources over the budget are looked at so often, ms. */
const sourcesEveryMs = 500
const suspectsEveryMs = 100
/** A source with fewer packets cannot have scanned. */
const minSourcePackets = 20
const complainEveryMs = 60_000

export function createPipeline(options: PipelineOptions): Pipeline {
  const { kernel, scorer, detectors, policy, guards, enforcer, store, feeds, log } = options
  const flowRecords = { opened: 0, snapshot: 0, ended: 0 }
  const alerts: Record<DetectorName, number> = { scan_vertical: 0, login: 0, model: 0 }
  let unknownRecords = 0
  let unstored = 0
  let guarded = 0
  let complainedAtMs = 0
  let takenAtMs = 0
  let sourcesAtMs = 0
  let suspectsAtMs = 0
  let overBudget = 0

  /** What the kernel kept of sources whose flows it did not make, when there were any since the last look. */
  const overBudgetSources = (nowMs: number): SourceSummary[] => {
    if (nowMs - sourcesAtMs < sourcesEveryMs) return []
    sourcesAtMs = nowMs
    const { lost } = kernel.counters()
    const total = lost.overBudget + lost.tableFull
    if (total === overBudget) return []
    overBudget = total
    return kernel.sources(minSourcePackets)
  }

  /** @returns the decision's number; 0 when a guard refused */
  const enforce = (verdict: Verdict): number => {
    const refusals = guards.refusals(verdict.source)
    if (refusals.length > 0) {
      guarded++
      log.warn(
        { source: verdict.source, guards: refusals.map(({ text }) => text) },
        'not blocked: a guard objects',
      )
      return 0
    }
    try {
      return enforcer.enforce(verdict).number
    } catch (error) {
      log.error({ source: verdict.source, problem: (error as Error).message }, 'not blocked')
      return 0
    }
  }

  const record = (
    flows: readonly FlowRecord[],
    scores: Float32Array,
    found: readonly NewAlert[],
    nowMs: number,
  ) => {
    if (flows.length === 0 && found.length === 0) return
    try {
      store.append({ flows, scores, alerts: found })
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      unstored += flows.length + found.length
      if (nowMs - complainedAtMs < complainEveryMs) return
      complainedAtMs = nowMs
      log.error({ problem: error.message, unstored }, 'the store takes nothing; enforcement goes on')
    }
  }

  const tellSuspects = (nowMs: number) => {
    if (nowMs - suspectsAtMs < suspectsEveryMs) return
    suspectsAtMs = nowMs
    const sources = new Map<string, Target>()
    for (const source of [...policy().suspects(nowMs), ...detectors().suspects(nowMs)]) {
      if (!sources.has(source)) sources.set(source, parseTarget(source, 'source'))
    }
    kernel.suspects.set(sources)
  }

  return {
    async take(batch) {
      const clocks = kernel.clocks()
      const nowMs = Math.round(clocks.wallUs / 1000)
      if (batch.bytes.length === 0 && Math.abs(nowMs - takenAtMs) < tickEveryMs) return
      takenAtMs = nowMs
      const wallOffsetUs = clocks.wallUs - clocks.monotonicUs
      const { flows, offsets, unknown } = decodeBatch(batch.bytes, { wallOffsetUs })
      unknownRecords += unknown
      for (const { kind } of flows) flowRecords[kind]++

      const scores = await scorer.score(batch.view, flows, offsets)
      const threshold = scorer.state().threshold
      const evidence: Evidence[] = [
        ...detectors().observe(flows, scores, nowMs, threshold),
        ...detectors().tick(nowMs),
        ...detectors().observeSources(overBudgetSources(nowMs), nowMs),
      ]
      const decided = new Map<Evidence, number>()
      for (const verdict of policy().judge(evidence, nowMs)) {
        const number = enforce(verdict)
        for (const item of verdict.evidence) decided.set(item, number)
      }
      for (const { detector } of evidence) alerts[detector]++
      tellSuspects(nowMs)

      record(
        flows,
        scores,
        evidence.map((item) => ({ evidence: item, decisionNumber: decided.get(item) ?? 0 })),
        nowMs,
      )
      if (flows.length > 0 && feeds.flows.readers() > 0) {
        feeds.flows.publish(flows.map((flow, i) => ({ flow, score: scores[i] as number })))
      }
    },
    counts: () => ({
      flowRecords: { ...flowRecords },
      alerts: { ...alerts },
      unknownRecords,
      unstored,
      guarded,
    }),
  }
}
