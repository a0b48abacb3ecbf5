/** All about one address or prefix: joins maps, decisions, store and model into one page. Reads only. */

import type { Evidence } from './detect/evidence.js'
import type { AllowEntry, Decision } from './enforce/decision.js'
import { type Enforcer, isSame } from './enforce/enforcer.js'
import { type KernelMatch, kernelMatch } from './enforce/kernel-match.js'
import type { AddressTrace } from './kernel/address-trace.js'
import { type ListedAction, withLists } from './kernel/listed-fate.js'
import type { ListHolding } from './lists/lists.js'
import { covers, parseTarget, type Target } from './policy/address.js'
import type { FlowRow, ModelReason, ModelView, WhyView } from './publish/view.js'
import type { Store } from './record/store.js'
import type { Scorer } from './score/scorer.js'

export interface WhyOptions {
  readonly trace: (target: Target) => AddressTrace
  readonly clock: { nowMs(): number; bootUs(): number }
  readonly enforcer: Pick<
    Enforcer,
    'mode' | 'blocksAround' | 'allowEntries' | 'onTrial' | 'wanted' | 'decision' | 'hits'
  >
  readonly store: Pick<Store, 'decisions' | 'alerts' | 'features' | 'flow'>
  readonly scorer: Pick<Scorer, 'explain' | 'state'>
  readonly model: () => ModelView
  /** Imported lists that hold all of a target. Default: none. */
  readonly listsHolding?: (target: Target) => readonly ListHolding[]
  /** Whether the change on trial made this list, or put it in another's place. Default: none. */
  readonly isListOnTrial?: (name: string) => boolean
  /** What lists do to its packets at this moment, but for allow entries and a panic. Default: nothing. */
  readonly listAction?: (target: Target) => ListedAction
  readonly isPanic?: () => boolean
}

/** Ended decisions and alerts on one page. */
const maxPast = 20
/** Flows that are looked at for kept features. */
const maxFlows = 200

/** @returns reads all about a target; throws StoreError and KernelError */
export function createWhy(options: WhyOptions): (target: Target) => Promise<WhyView> {
  const { trace: traceOf, clock, enforcer, store, scorer } = options

  const explain = async (evidence: readonly Evidence[]): Promise<ModelReason | string> => {
    const { isLoaded, problem } = scorer.state()
    if (!isLoaded) return `no model is loaded: ${problem}`
    const flows = scoredFlows(evidence, store)
    if (flows.length === 0) return 'there is no flow behind a decision or an alert about it'
    for (const flow of flows) {
      const features = store.features(flow.flow.id)
      if (features === undefined) continue
      const found = await scorer.explain(features)
      return found === undefined ? 'the manifest of the model names no medians' : { flow, ...found }
    }
    return `no features were kept of the ${flows.length} flows behind it (store.features_min_score, store.sample_percent)`
  }

  return async (target) => {
    const isPanic = options.isPanic?.() === true
    const trace = withLists(traceOf(target), options.listAction?.(target) ?? 'none', isPanic)
    const atMs = clock.nowMs()
    const bootToWallMs = atMs - clock.bootUs() / 1000
    const { exact, covering, inside } = enforcer.blocksAround(target)
    const deciding = trace.entries.find(({ isDeciding }) => isDeciding)
    const decisions = [...exact, ...covering].sort(
      (a, b) => Number(b.number === deciding?.decision) - Number(a.number === deciding?.decision),
    )
    const allows = chain(enforcer.allowEntries(), target)
    const past = { target, last: maxPast }
    const stored = store.decisions({ ...past, last: maxPast + decisions.length + inside.length }, true)
    const history = stored.rows.filter(({ state }) => state !== 'active').slice(0, maxPast)
    const alerts = store.alerts(past)
    const evidence = [
      ...decisions.flatMap((decision) => decision.evidence),
      ...alerts.rows.map((alert) => alert.evidence),
    ]
    const reason = await explain(evidence)
    return {
      target: target.text,
      atMs,
      fate: trace.fate,
      fateWithoutAllow: trace.fateWithoutAllow,
      entries: trace.entries.map((entry) => withTotal(kernelMatch(entry, bootToWallMs), enforcer)),
      decisions,
      divergences: divergences(trace, decisions, allows, enforcer),
      allows: allows.map((entry) => ({
        entry,
        inKernel: trace.allows.some((allow) => allow.target === entry.target),
        isOnTrial: enforcer.onTrial(parseTarget(entry.target, 'target')),
      })),
      model: options.model(),
      modelReason: typeof reason === 'string' ? undefined : reason,
      modelProblem: typeof reason === 'string' ? reason : '',
      history: { rows: history, total: stored.total - store.decisions(past, false).total },
      alerts,
      mode: enforcer.mode,
      decisionsInside: inside.length,
      lists: (options.listsHolding?.(target) ?? []).map((holding) => ({
        ...holding,
        isOnTrial: options.isListOnTrial?.(holding.list.name) === true,
      })),
    }
  }
}

/** An entry counts since the daemon started: what its decision met before is shown with it. */
function withTotal(match: KernelMatch, enforcer: Pick<Enforcer, 'decision' | 'hits'>): KernelMatch {
  const decision = match.decision === 0 ? undefined : enforcer.decision(match.decision)
  const total = decision?.target === match.target ? enforcer.hits(decision) : undefined
  if (total === undefined) return match
  const { limitCounts = match.limitCounts } = total
  return { ...match, ...total, limitCounts: match.limit === undefined ? undefined : limitCounts }
}

/** Entries that cover all of the target, the longest first. */
function chain(entries: readonly AllowEntry[], target: Target): AllowEntry[] {
  return entries
    .map((entry) => ({ entry, covering: parseTarget(entry.target, 'target') }))
    .filter(({ covering }) => covers(covering, target))
    .sort((a, b) => b.covering.prefix - a.covering.prefix)
    .map(({ entry }) => entry)
}

/** Where maps and store differ, a sentence for each. */
function divergences(
  trace: AddressTrace,
  decisions: readonly Decision[],
  allows: readonly AllowEntry[],
  enforcer: Pick<Enforcer, 'wanted'>,
): string[] {
  const found: string[] = []
  for (const target of new Set(decisions.map((decision) => decision.target))) {
    const wanted = enforcer.wanted(target)
    const entry = trace.entries.find((candidate) => candidate.target === target)
    if (wanted === undefined) continue
    const name = `d${wanted.decision}`
    if (entry === undefined) found.push(`${name} is active, but the kernel holds no entry for ${target}`)
    else if (!isSame(entry, wanted))
      found.push(`the kernel's entry for ${target} is not what ${name} asks for`)
    else if (!entry.isReachable)
      found.push(`the entry for ${target} is in its map, but the stage before it is off`)
  }
  for (const { target } of trace.entries) {
    if (enforcer.wanted(target) === undefined)
      found.push(`the kernel holds an entry for ${target} that no active decision is behind`)
  }
  const configured = allows.filter(({ source }) => source !== 'automatic').map((entry) => entry.target)
  for (const target of configured) {
    if (!trace.allows.some((allow) => allow.target === target))
      found.push(`the allow entry ${target} is not in the kernel`)
  }
  for (const { target } of trace.allows) {
    if (!configured.includes(target)) found.push(`the kernel allows ${target}, which nobody asked for`)
  }
  return found
}

/** Flows behind evidence, each once, the highest score first; what was never scored last. */
function scoredFlows(evidence: readonly Evidence[], store: Pick<Store, 'flow'>): FlowRow[] {
  const rows = new Map<number, FlowRow>()
  for (const { flows } of evidence) {
    for (const flow of flows) {
      if (rows.size >= maxFlows || rows.has(flow.id)) continue
      // The score came later than the evidence where a flow was told of before its end.
      const stored = store.flow(flow.id)
      if (stored !== undefined) rows.set(flow.id, stored)
    }
  }
  const rank = ({ score }: FlowRow) => (Number.isNaN(score) ? -1 : score)
  return [...rows.values()].sort((a, b) => rank(b) - rank(a))
}
