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
  /** Steps that failed on a batch; the other steps went on. */
  readonly failures: number
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
  let failures = 0
  // Uptime: a wall clock that is set back would keep everybody waiting.
  let storeComplainedAtMs = Number.NEGATIVE_INFINITY
  let failureComplainedAtMs = Number.NEGATIVE_INFINITY
  let takenAtMs = Number.NEGATIVE_INFINITY
  let sourcesAtMs = Number.NEGATIVE_INFINITY
  let suspectsAtMs = Number.NEGATIVE_INFINITY
  let overBudget = 0

  /** A step that fails is counted and told; the batch goes on without it, and so does the loop. */
  const step = <T>(name: string, uptimeMs: number, otherwise: T, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      failures++
      if (uptimeMs - failureComplainedAtMs >= complainEveryMs) {
        failureComplainedAtMs = uptimeMs
        log.error({ err: error, step: name, failures }, `${name} failed on a batch; the loop goes on`)
      }
      return otherwise
    }
  }

  /** What the kernel kept of sources whose flows it did not make, when there were any since the last look. */
  const overBudgetSources = (uptimeMs: number): SourceSummary[] => {
    if (uptimeMs - sourcesAtMs < sourcesEveryMs) return []
    sourcesAtMs = uptimeMs
    const { lost } = kernel.counters()
    const total = lost.overBudget + lost.tableFull
    if (total === overBudget) return []
    overBudget = total
    return kernel.sources(minSourcePackets)
  }

  /** @returns the number of the decision that stands now; 0 when there is none */
  const enforce = (verdict: Verdict): number => {
    const { source } = verdict
    try {
      const standing = enforcer.standing(source)
      if (standing !== undefined) {
        const { number, expiresAtMs } = standing
        policy().resume(source, expiresAtMs === 0 ? Number.POSITIVE_INFINITY : expiresAtMs)
        return number
      }
      const refusals = guards.refusals(source)
      if (refusals.length === 0) return enforcer.enforce(verdict).number
      guarded++
      log.warn({ source, guards: refusals.map(({ text }) => text) }, 'not blocked: a guard objects')
    } catch (error) {
      // Its next evidence may find room in the map, or a store that writes.
      policy().forget(source)
      log.error({ source, problem: (error as Error).message }, 'not blocked')
    }
    return 0
  }

  const record = (
    flows: readonly FlowRecord[],
    scores: Float32Array,
    found: readonly NewAlert[],
    uptimeMs: number,
  ) => {
    if (flows.length === 0 && found.length === 0) return
    try {
      store.append({ flows, scores, alerts: found })
    } catch (error) {
      unstored += flows.length + found.length
      if (uptimeMs - storeComplainedAtMs < complainEveryMs) return
      storeComplainedAtMs = uptimeMs
      log.error({ problem: (error as Error).message, unstored }, 'the store takes nothing; the loop goes on')
    }
  }

  const tellSuspects = (nowMs: number, uptimeMs: number) => {
    if (uptimeMs - suspectsAtMs < suspectsEveryMs) return
    suspectsAtMs = uptimeMs
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
      const uptimeMs = Math.round(clocks.monotonicUs / 1000)
      if (batch.bytes.length === 0 && uptimeMs - takenAtMs < tickEveryMs) return
      takenAtMs = uptimeMs
      const wallOffsetUs = clocks.wallUs - clocks.monotonicUs
      const { flows, offsets, unknown } = decodeBatch(batch.bytes, { wallOffsetUs })
      unknownRecords += unknown
      for (const { kind } of flows) flowRecords[kind]++

      const scores = await scorer.score(batch.view, flows, offsets)
      const threshold = scorer.state().threshold
      const detect = (observe: () => Evidence[]) => step('detection', uptimeMs, [], observe)
      const evidence: Evidence[] = [
        ...detect(() => detectors().observe(flows, scores, nowMs, threshold)),
        ...detect(() => detectors().tick(nowMs)),
        ...detect(() => detectors().observeSources(overBudgetSources(uptimeMs), nowMs)),
      ]
      const decided = new Map<Evidence, number>()
      for (const verdict of step('the policy', uptimeMs, [], () => policy().judge(evidence, nowMs))) {
        const number = enforce(verdict)
        for (const item of verdict.evidence) decided.set(item, number)
      }
      for (const { detector } of evidence) alerts[detector]++
      step('telling suspects', uptimeMs, undefined, () => tellSuspects(nowMs, uptimeMs))

      record(
        flows,
        scores,
        evidence.map((item) => ({ evidence: item, decisionNumber: decided.get(item) ?? 0 })),
        uptimeMs,
      )
      if (flows.length === 0 || feeds.flows.readers() === 0) return
      step('publishing', uptimeMs, undefined, () =>
        feeds.flows.publish(flows.map((flow, i) => ({ flow, score: scores[i] as number }))),
      )
    },
    counts: () => ({
      flowRecords: { ...flowRecords },
      alerts: { ...alerts },
      unknownRecords,
      unstored,
      guarded,
      failures,
    }),
  }
}
