/** One batch through the rooms: decode, features and score, detect, judge, enforce, record, publish. */

import type { Breakers } from './breakers.js'
import type { Calibration } from './calibrate/calibration.js'
import { decodeBatch } from './decode/batch.js'
import type { FlowRecord, RecordKind } from './decode/flow-record.js'
import type { Detectors } from './detect/detectors.js'
import type { DetectorName, Evidence, Severity } from './detect/evidence.js'
import type { SourceSummary } from './detect/source-summary.js'
import type { Decision } from './enforce/decision.js'
import type { Enforcer } from './enforce/enforcer.js'
import { keptFeatures } from './kept-features.js'
import type { Kernel } from './kernel/kernel.js'
import type { RecordBatch } from './kernel/ring.js'
import type { Logger } from './log.js'
import { parseTarget, type Target } from './policy/address.js'
import { admitsLimit, type Guards, type Refusal } from './policy/guards.js'
import type { Neighbours } from './policy/neighbours.js'
import type { PathProof } from './policy/path-proof.js'
import type { Policy } from './policy/policy.js'
import { siteKey, siteTarget } from './policy/site-prefix.js'
import { BAN, strengthOf } from './policy/strength.js'
import type { Verdict } from './policy/verdict.js'
import { createFlowReasons } from './publish/flow-reasons.js'
import type { Feeds } from './publish/handlers.js'
import type { Meters } from './publish/meters.js'
import type { NewAlert } from './record/alert.js'
import type { FeatureSample } from './record/feature-sample.js'
import type { FlowFeatures } from './record/journal.js'
import type { Store } from './record/store.js'
import type { Scorer } from './score/scorer.js'

export interface PipelineCounts {
  readonly flowRecords: Readonly<Record<RecordKind, number>>
  /** Records of an unknown kind. */
  readonly unknownRecords: number
  /** Rows that the store did not take. */
  readonly unstored: number
  /** Verdicts that a guard refused. */
  readonly guarded: number
  /** Pieces of evidence about sources whose allow entry asks for silence. */
  readonly silenced: number
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
  /** Where the model may not block, one flow's score is a hint: its alerts are `medium` at most. */
  readonly mayModelBlock: () => boolean
  /** What flows prove about the paths to their ends; the policy asks it. */
  readonly path: Pick<PathProof, 'observe'>
  readonly guards: Pick<Guards, 'refusals'>
  /** Default: every address stands for itself. */
  readonly neighbours?: Neighbours
  /** Default: no origin loses the power to block. */
  readonly breakers?: Pick<Breakers, 'observe' | 'note' | 'takeAlerts'>
  /** Default: nothing is learnt. */
  readonly calibration?: Pick<Calibration, 'observe'>
  readonly enforcer: Enforcer
  readonly store: Pick<Store, 'append' | 'flush'>
  /** Which flows are stored with their features. */
  readonly sample: () => FeatureSample
  readonly feeds: Feeds
  readonly meters: Meters
  readonly log: Logger
}

/** Without records, windows that close by waiting are looked at so often, ms. */
const tickEveryMs = 100
/** Sources over the budget are looked at so often, ms. */
const sourcesEveryMs = 500
const suspectsEveryMs = 100
/** Room of the kernel's set. Source: mapSizes in wiring/start.ts. */
const maxSuspects = 4_096
/** A source with fewer packets cannot have scanned. */
const minSourcePackets = 20
const complainEveryMs = 60_000
/** A guard is asked again about the same source so often, ms. */
const guardedAgainMs = 60_000

/** Evidence of these is too much traffic: a limit helps, whoever's name it is sent in. */
const FLOODS: ReadonlySet<DetectorName> = new Set(['syn_flood', 'udp_flood', 'icmp_flood', 'rate'])

/** First packets come in their order, by the ring that waits: the last of them tells how far it has been read. */
function heardUntil(flows: readonly FlowRecord[], nowMs: number): number {
  const last = flows.findLast(({ kind }) => kind === 'opened')
  return last === undefined ? nowMs : Math.min(nowMs, Math.floor(last.lastUs / 1_000))
}

function asHint(severity: Severity): Severity {
  return severity === 'low' ? 'low' : 'medium'
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { kernel, scorer, detectors, policy, path, guards, enforcer, store, feeds, meters, log } = options
  const { neighbours, breakers, calibration } = options
  const flowRecords = { opened: 0, snapshot: 0, ended: 0 }
  const reasons = createFlowReasons()
  let unknownRecords = 0
  let unstored = 0
  let guarded = 0
  let silenced = 0
  let failures = 0
  // Uptime: a wall clock that is set back would keep everybody waiting.
  let unblocked = 0
  let unblockedComplainedAtMs = Number.NEGATIVE_INFINITY
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

  /** Who is trusted is neither told of nor decided on; a victim is told of, trusted or not. */
  const isTold = ({ about, source }: Evidence) => about !== 'source' || !enforcer.isSilent(source)

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

  /** From the packet that completed the evidence to the entry in the map. */
  const tellTime = (decision: Decision) => {
    if (decision.kind !== 'block' || decision.action === 'count') return
    const completedUs = decision.evidence.reduce((latest, { packetUs }) => Math.max(latest, packetUs), 0)
    const seconds = Math.max(0, kernel.clocks().wallUs - completedUs) / 1e6
    meters.observeTimeToBlock(seconds)
    log.debug({ decision: `d${decision.number}`, seconds }, 'time to block')
  }

  /** What already does to the source, or to its whole /64, what the verdict asks for. */
  const standingAgainst = (verdict: Verdict): Decision | undefined => {
    const { source } = verdict
    const exact = enforcer.standing(source, verdict)
    const key = exact === undefined ? siteKey(source) : undefined
    const site = key === undefined ? undefined : siteTarget(key)
    return site === undefined ? exact : enforcer.standing(site.text, verdict)
  }

  /** Until the end of what stands the source gets only what is stronger. @returns its number */
  const rest = (source: string, standing: Decision, wanted: number): number => {
    const { number, expiresAtMs } = standing
    const untilMs = expiresAtMs === 0 ? Number.POSITIVE_INFINITY : expiresAtMs
    policy().resume(source, untilMs, Math.max(wanted, strengthOf(standing)))
    return number
  }

  /** A guard objects: at most a limit that spares flows, and only of a flood. @returns the number of its decision; 0 when there is none */
  const guard = (verdict: Verdict, refusals: readonly Refusal[], nowMs: number): number => {
    const { source } = verdict
    const texts = refusals.map(({ text }) => text)
    guarded++
    const isFlood = verdict.evidence.some(({ detector }) => FLOODS.has(detector))
    if (verdict.kind === 'would_block' || !isFlood || !admitsLimit(refusals)) {
      policy().resume(source, nowMs + guardedAgainMs)
      log.warn({ source, guards: texts }, 'not blocked: a guard objects')
      return 0
    }
    const soft = policy().soften({
      ...verdict,
      reason: `${verdict.reason}; limited at most: ${texts.join('; ')}`,
    })
    const standing = standingAgainst(soft)
    if (standing !== undefined) return rest(source, standing, BAN)
    const made = enforcer.enforce(soft)
    policy().resume(source, made.expiresAtMs)
    log.warn({ source, guards: texts, decision: `d${made.number}` }, 'limited at most: a guard objects')
    return made.number
  }

  /** The verdict on the whole /64 where that is due and no guard objects. */
  const widened = (verdict: Verdict, nowMs: number): Verdict => {
    const wide = neighbours?.widen(verdict, nowMs)
    if (wide === undefined) return verdict
    const refusals = guards.refusals(wide.source)
    if (refusals.length === 0) return policy().climb(wide, nowMs)
    log.debug({ site: wide.source, guards: refusals.map(({ text }) => text) }, 'only the address is blocked')
    return verdict
  }

  /** @returns the number of the decision that stands now; 0 when there is none */
  const enforce = (given: Verdict, nowMs: number, uptimeMs: number): number => {
    const { source } = given
    try {
      const standing = standingAgainst(given)
      if (standing !== undefined) {
        return rest(source, standing, given.kind === 'would_block' ? 0 : strengthOf(given))
      }
      const verdict = step('the /64', uptimeMs, given, () => widened(given, nowMs))
      const refusals = guards.refusals(verdict.source)
      if (refusals.length === 0) {
        const tell = (decision: Decision) =>
          step('the time to block', uptimeMs, undefined, () => tellTime(decision))
        const made = enforcer.enforce(verdict, tell)
        step('the breaker', uptimeMs, undefined, () => breakers?.note(made, source, nowMs, uptimeMs))
        return made.number
      }
      return guard(verdict, refusals, nowMs)
    } catch (error) {
      // Its next evidence may find room in the map, or a store that writes.
      policy().forget(source)
      unblocked++
      if (uptimeMs - unblockedComplainedAtMs >= complainEveryMs) {
        unblockedComplainedAtMs = uptimeMs
        log.error({ source, problem: (error as Error).message, sources: unblocked }, 'not blocked')
      }
    }
    return 0
  }

  const tellStoreFault = (fault: Error, uptimeMs: number) => {
    if (uptimeMs - storeComplainedAtMs < complainEveryMs) return
    storeComplainedAtMs = uptimeMs
    log.error({ problem: fault.message, unstored }, 'the store takes nothing; the loop goes on')
  }

  /** Stores the batch, with its alerts at once, and tells whoever waits for alerts. */
  const record = (
    flows: readonly FlowRecord[],
    scores: Float32Array,
    features: readonly FlowFeatures[],
    found: readonly NewAlert[],
    uptimeMs: number,
  ) => {
    try {
      const stored =
        flows.length + found.length > 0 ? store.append({ flows, scores, features, alerts: found }) : []
      if (stored.length > 0) step('publishing', uptimeMs, undefined, () => feeds.alerts.publish(stored))
    } catch (error) {
      unstored += found.length
      tellStoreFault(error as Error, uptimeMs)
      // Who watches is told all the same.
      const untold = found.map((alert) => ({ ...alert, number: 0 }))
      step('publishing', uptimeMs, undefined, () => feeds.alerts.publish(untold))
    }
    try {
      store.flush()
    } catch (error) {
      tellStoreFault(error as Error, uptimeMs)
    }
  }

  const tellSuspects = (nowMs: number, uptimeMs: number) => {
    if (uptimeMs - suspectsAtMs < suspectsEveryMs) return
    suspectsAtMs = uptimeMs
    const sources = new Map<string, Target>()
    // Who is half-way comes before who holds points of the model, which may be forged and many.
    for (const source of [...detectors().suspects(nowMs), ...policy().suspects(nowMs)]) {
      if (sources.size >= maxSuspects) break
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
      const { threshold, severityOf } = scorer.state()
      const heardMs = batch.isMoreWaiting ? heardUntil(flows, nowMs) : nowMs
      step('proof of path', uptimeMs, undefined, () => path.observe(flows, nowMs))
      step('neighbours', uptimeMs, undefined, () => neighbours?.observe(flows, nowMs))
      step('breakers', uptimeMs, undefined, () => breakers?.observe(flows, nowMs, uptimeMs))
      const severity = options.mayModelBlock() ? severityOf : (score: number) => asHint(severityOf(score))
      const detect = (observe: () => Evidence[]) => step('detection', uptimeMs, [], observe)
      const found: Evidence[] = [
        ...detect(() => detectors().observe(flows, scores, nowMs, threshold, severity, heardMs)),
        ...detect(() => detectors().tick(nowMs, heardMs)),
        ...detect(() => detectors().observeSources(overBudgetSources(uptimeMs), nowMs)),
      ]
      step('calibration', uptimeMs, undefined, () =>
        calibration?.observe({ flows, scores, found, nowMs, uptimeMs, heardMs }),
      )
      const evidence = found.filter(isTold)
      silenced += found.length - evidence.length
      step('neighbours', uptimeMs, undefined, () => neighbours?.accuse(evidence, nowMs))
      const decided = new Map<Evidence, number>()
      for (const verdict of step('the policy', uptimeMs, [], () => policy().judge(evidence, nowMs))) {
        const number = enforce(verdict, nowMs, uptimeMs)
        for (const item of verdict.evidence) decided.set(item, number)
      }
      evidence.push(...(breakers?.takeAlerts() ?? []))
      meters.countAlerts(evidence)
      reasons.note(evidence)
      step('telling suspects', uptimeMs, undefined, () => tellSuspects(nowMs, uptimeMs))

      record(
        flows,
        scores,
        step('features to keep', uptimeMs, [], () =>
          keptFeatures(batch.view, flows, scores, offsets, options.sample()),
        ),
        evidence.map((item) => ({ evidence: item, decisionNumber: decided.get(item) ?? 0 })),
        uptimeMs,
      )
      if (flows.length === 0 || feeds.flows.readers() === 0) return
      step('publishing', uptimeMs, undefined, () =>
        feeds.flows.publish(
          flows.map((flow, i) => ({ flow, score: scores[i] as number, reasons: reasons.of(flow.id) })),
        ),
      )
    },
    counts: () => ({
      flowRecords: { ...flowRecords },
      unknownRecords,
      unstored,
      guarded,
      silenced,
      failures,
    }),
  }
}
