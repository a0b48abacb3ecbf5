/** What another mode would have done: from what the kernel counted on the entries of automatic decisions. */

import type { AllowEntry, Decision, EntryHits, Mode } from '../enforce/decision.js'
import { parseTarget, type Target } from '../policy/address.js'
import type { Page, RecordFilter } from '../record/filter.js'
import type { Store } from '../record/store.js'
import { isLive, judgedAddresses, MAX_OPEN_MS } from './flow-hit.js'
import { byWeight, MAX_ROWS, type ModePlan, type PlannedDecision } from './plan.js'
import { isWhole } from './plan-hits.js'
import { readFlows } from './read-flows.js'
import { createTargetSet } from './target-set.js'

export interface ModePlanOptions {
  readonly store: Pick<Store, 'flowsPage'> & {
    decisions(filter: RecordFilter, all: boolean, hasEvidence: boolean): Page<Decision>
    decision(number: number): Decision | undefined
  }
  readonly enforcer: {
    readonly mode: Mode
    active(): Iterable<Decision>
    hits(decision: Decision): EntryHits | undefined
    coveringAllow(target: Target): AllowEntry | undefined
  }
  /** Origins that a breaker has tripped. */
  readonly tripped: () => readonly string[]
  /** The detector that a decision with its evidence is led by, or the model. */
  readonly leadOf: (decision: Decision) => string | undefined
  /** Whether all that the policy decides on evidence that is not forged is a drop or a reject. */
  readonly isDropOnly: () => boolean
  readonly isForwarding: () => boolean
  /** Wall time, ms. */
  readonly nowMs: () => number
}

const MAX_DECISIONS = 10_000
/** Other work has its turn after so many decisions whose evidence was read. */
const SLICE = 100

/** @param sinceMs wall time, ms; 0 = all that are stored. Decisions that stand count whenever they were made */
export async function planMode(
  options: ModePlanOptions,
  mode: Mode,
  sinceMs: number,
  isWanted: () => boolean,
): Promise<ModePlan> {
  const { store, enforcer } = options
  const untilMs = options.nowMs()
  const before = enforcer.mode
  // Their evidence would keep the main loop for seconds.
  const made = store.decisions({ sinceMs, last: MAX_DECISIONS }, true, false)
  const found = new Map<number, Decision>()
  const spoofable = new Set<number>()
  for (const decision of [...made.rows, ...enforcer.active()]) {
    if (differs(decision, mode, before)) found.set(decision.number, decision)
    else if (mode === 'prevent' && isSpoofable(decision)) spoofable.add(decision.number)
  }
  const held = await heldDecisions(options, [...found.values()], isWanted)
  for (const number of held) found.delete(number)
  const targets = new Map([...found.values()].map(({ target }) => [target, parseTarget(target, 'target')]))
  const live = await liveTargets(options, [...targets.values()], untilMs, isWanted)

  let packets = 0
  let bytes = 0
  const planned = [...found.values()].map((decision): PlannedDecision & { hits: number } => {
    const hits = enforcer.hits(decision)
    const allowedBy = enforcer.coveringAllow(targets.get(decision.target) as Target)
    if (allowedBy === undefined) {
      packets += hits?.packets ?? 0
      bytes += hits?.bytes ?? 0
    }
    return {
      decision,
      hits: hits?.packets ?? 0,
      isAtOnce: decision.state === 'active' && before !== mode && decision.action !== 'count',
      isLive: live.has(decision.target),
      allowedBy,
    }
  })
  return {
    before,
    mode,
    sinceMs,
    untilMs,
    decisions: planned
      .sort(byWeight(({ hits }) => hits))
      .slice(0, MAX_ROWS)
      .map(({ hits: _hits, ...row }) => row),
    decisionsTotal: planned.length,
    packets,
    bytes,
    isAtMost: planned.some(({ decision }) => !isSurelyWhole(decision, options)),
    spoofableTotal: spoofable.size,
    heldTotal: held.size,
    tripped: held.size === 0 ? [] : options.tripped(),
    atOnceTotal: planned.filter(({ isAtOnce }) => isAtOnce).length,
    liveTotal: planned.filter((row) => row.isLive).length,
    isPartial: made.total > made.rows.length,
  }
}

/**
 * Automatic decisions whose packets the mode treats in another way than they were treated: in `prevent` what was made to
 * count, in `detect` what was made to keep packets back. What was made in `prevent` and stands does so again with it.
 */
function differs(decision: Decision, wanted: Mode, before: Mode): boolean {
  const { origin, kind, action, state, mode } = decision
  const isCounted = kind === 'would_block' && mode === 'detect'
  if (origin !== 'detector' && origin !== 'model') return false
  if (wanted === 'detect') return action !== 'count'
  // One of `prevent` that only counts was held by a breaker, then as it would be now.
  return isCounted || (action !== 'count' && state === 'active' && before === 'detect')
}

/** `prevent` would limit it. */
function isSpoofable({ kind, origin, action }: Decision): boolean {
  return kind === 'spoofable' && action === 'count' && (origin === 'detector' || origin === 'model')
}

/** Nothing of what met it passes; what was made to count does not say which step it would have been. */
function isSurelyWhole(decision: Decision, { isDropOnly }: ModePlanOptions): boolean {
  return decision.action === 'count' ? isDropOnly() : isWhole(decision)
}

/** Those of tripped origins only count, whatever the mode is. */
async function heldDecisions(
  { tripped, leadOf, store }: ModePlanOptions,
  decisions: readonly Decision[],
  isWanted: () => boolean,
): Promise<ReadonlySet<number>> {
  const held = new Set<number>()
  const origins = new Set(tripped())
  if (origins.size === 0) return held
  for (const [i, { number }] of decisions.entries()) {
    if (i % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve))
    if (!isWanted()) break
    const decision = store.decision(number)
    const lead = decision && leadOf(decision)
    if (lead !== undefined && origins.has(lead)) held.add(number)
  }
  return held
}

/** Targets with an address that has an open flow of a proven path now. */
async function liveTargets(
  { store, isForwarding, nowMs }: ModePlanOptions,
  targets: readonly Target[],
  untilMs: number,
  isWanted: () => boolean,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  if (targets.length === 0) return found
  const wanted = createTargetSet(targets)
  const forwarding = isForwarding()
  for await (const rows of readFlows(store, { sinceMs: nowMs() - MAX_OPEN_MS, untilMs }, isWanted)) {
    for (const { flow } of rows) {
      if (!isLive(flow, untilMs)) continue
      for (const address of judgedAddresses(flow, forwarding)) {
        const target = wanted.find(address)
        if (target !== undefined) found.add(target.text)
      }
    }
  }
  return found
}
