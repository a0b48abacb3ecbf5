/** What another mode would have done: from what the kernel counted on the entries of automatic decisions. */

import type { AllowEntry, Decision, EntryHits, Mode } from '../enforce/decision.js'
import { parseTarget, type Target } from '../policy/address.js'
import type { Page, RecordFilter } from '../record/filter.js'
import type { Store } from '../record/store.js'
import { isLive, judgedAddresses, MAX_OPEN_MS } from './flow-hit.js'
import { byWeight, MAX_ROWS, type ModePlan, type PlannedDecision } from './plan.js'
import { readFlows } from './read-flows.js'
import { createTargetSet } from './target-set.js'

export interface ModePlanOptions {
  readonly store: Pick<Store, 'flowsPage'> & {
    decisions(filter: RecordFilter, all: boolean, hasEvidence: boolean): Page<Decision>
  }
  readonly enforcer: {
    readonly mode: Mode
    active(): Iterable<Decision>
    hits(decision: Decision): EntryHits | undefined
    coveringAllow(target: Target): AllowEntry | undefined
  }
  readonly isForwarding: () => boolean
  /** Wall time, ms. */
  readonly nowMs: () => number
}

const MAX_DECISIONS = 10_000

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
  for (const decision of [...made.rows, ...enforcer.active()]) {
    if (differs(decision, mode, before)) found.set(decision.number, decision)
  }
  const targets = new Map([...found.values()].map(({ target }) => [target, parseTarget(target, 'target')]))
  const live = await liveTargets(options, [...targets.values()], untilMs, isWanted)

  let packets = 0
  let bytes = 0
  const planned = [...found.values()].map((decision): PlannedDecision & { hits: number } => {
    const hits = enforcer.hits(decision)
    packets += hits?.packets ?? 0
    bytes += hits?.bytes ?? 0
    return {
      decision,
      hits: hits?.packets ?? 0,
      isAtOnce: decision.state === 'active' && before !== mode && decision.action !== 'count',
      isLive: live.has(decision.target),
      allowedBy: enforcer.coveringAllow(targets.get(decision.target) as Target),
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
    atOnceTotal: planned.filter(({ isAtOnce }) => isAtOnce).length,
    liveTotal: planned.filter((row) => row.isLive).length,
    isPartial: made.total > made.rows.length,
  }
}

/**
 * Automatic decisions whose packets the mode treats in another way than they were treated: in `prevent` what was made to
 * count, in `detect` what was made to keep packets back. What was made in `prevent` and stands does so again with it.
 */
function differs({ origin, kind, action, state }: Decision, wanted: Mode, before: Mode): boolean {
  if (origin !== 'detector' && origin !== 'model') return false
  if (wanted === 'detect') return action !== 'count'
  return kind === 'would_block' || (action !== 'count' && state === 'active' && before === 'detect')
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
