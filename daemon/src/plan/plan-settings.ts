/** What other settings would have done: whom the policy would have blocked, whom lists and the allowlist would hit or free. */

import type { AllowEntry, Decision, EntryHits, Mode } from '../enforce/decision.js'
import { countEntries, type ListEntries } from '../lists/entries.js'
import type { ListDoing } from '../lists/list-row.js'
import { parseTarget } from '../policy/address.js'
import type { Page, RecordFilter } from '../record/filter.js'
import type { ApplyPlan, ChangedSource, PlannedAction, PlannedList, SettingsPlan } from './plan.js'
import { type PlannedPolicy, planApply } from './plan-apply.js'
import { anyOf, type Planned, plannedTargets } from './plan-block.js'
import { type HitsOptions, type PlannedTargets, planHits } from './plan-hits.js'
import { plannedEntries } from './plan-import.js'

export interface SettingsPlanOptions extends Omit<HitsOptions, 'before'> {
  readonly store: HitsOptions['store'] &
    Parameters<typeof planApply>[0]['store'] & {
      decisions(filter: RecordFilter, all: boolean, hasEvidence: boolean): Page<Decision>
    }
  readonly enforcer: {
    readonly mode: Mode
    active(): Iterable<Decision>
    hits(decision: Decision): EntryHits | undefined
  }
  /** What an active decision does to packets in the mode that is in force. */
  readonly doing: (decision: Decision) => PlannedAction
  /** Imported lists that are in force. */
  readonly lists: () => readonly ListInForce[]
}

export interface ListInForce extends ListDoing {
  readonly name: string
  readonly entries: ListEntries
}

/** A scheduled list that the settings bring or change. */
export type ListToCome =
  | (ListDoing & { readonly name: string; readonly problem: string })
  | (ListInForce & { readonly badLines: number; readonly refused: number })

export interface SettingsChange {
  readonly before: PlannedPolicy
  readonly after: PlannedPolicy
  /** Entries of operator and configuration, as they would be. */
  readonly allows: readonly AllowEntry[]
  /** Lists that the settings bring or change, one after another: each is read when it is asked for. */
  readonly listsToCome: AsyncIterable<ListToCome> | Iterable<ListToCome>
  /** Names of lists that are imported no more. */
  readonly listsLeft: readonly string[]
}

const MAX_DECISIONS = 10_000
/** Other work has its turn after so many decisions. */
const SLICE = 1_000
/** What the policy decides in the end: an upper bound of all its steps. */
const drop: PlannedAction = { action: 'drop' }

/** @param sinceMs wall time, ms; 0 = all that is stored */
export async function planSettings(
  options: SettingsPlanOptions,
  change: SettingsChange,
  sinceMs: number,
  isWanted: () => boolean,
): Promise<SettingsPlan> {
  const { enforcer, doing } = options
  const policy = await planApply(options, change.before, change.after, sinceMs, isWanted)
  const counted = countedOn(options, policy, sinceMs)
  const lists: PlannedList[] = []
  const byName = new Map<string, PlannedTargets>()
  const inForce = new Map(options.lists().map((list) => [list.name, list]))
  for (const list of inForce.values()) if (list.action !== 'count') byName.set(list.name, targetsOf(list))
  const listsNow = [...byName.values()]
  for await (const list of change.listsToCome) {
    if (!isWanted()) break
    const { name } = list
    const base = { name, ...doingOf(list), isLeft: false }
    if ('problem' in list) {
      lists.push({ ...base, entries: 0, badLines: 0, refused: 0, problem: list.problem })
      continue
    }
    const { badLines, refused } = list
    lists.push({ ...base, entries: countEntries(list.entries), badLines, refused, problem: '' })
    if (list.action !== 'count') byName.set(name, targetsOf(list))
    else byName.delete(name)
  }
  for (const name of change.listsLeft) {
    const list = inForce.get(name)
    if (list === undefined) continue
    const base = { name, ...doingOf(list), isLeft: true, badLines: 0, refused: 0, problem: '' }
    lists.push({ ...base, entries: countEntries(list.entries) })
  }

  const standing: Planned[] = []
  for (const [i, decision] of [...enforcer.active()].entries()) {
    if (i % SLICE === SLICE - 1) await new Promise((resolve) => setImmediate(resolve))
    if (!isWanted()) break
    const does = doing(decision)
    if (does.action === 'count') continue
    const target = parseTarget(decision.target, 'target')
    standing.push({ target, by: `d${decision.number}`, does })
  }
  // There may be very many: where they overlap allow entries is told of those that met something.
  const decided = { ...plannedTargets(standing), overlapping: () => [] }
  const more = policy.more.map(({ source }) => ({
    ...{ target: parseTarget(source, 'source'), by: 'policy', does: drop },
  }))
  const before = { targets: anyOf([decided, ...listsNow]), allows: options.allows() }
  const after = anyOf([decided, ...byName.values(), plannedTargets(more)])
  const hit = await planHits({ ...options, before, allows: () => change.allows }, after, sinceMs, isWanted)
  return {
    ...policy,
    more: policy.more.map(counted),
    fewer: policy.fewer.map(counted),
    mode: enforcer.mode,
    lists,
    // How far the policy would have come is not known: its first packets pass.
    hit: { ...hit, isAtMost: hit.isAtMost || more.length > 0 },
  }
}

function targetsOf(list: ListInForce): PlannedTargets {
  return plannedEntries(list.entries, doingOf(list), `list ${list.name}`)
}

function doingOf({ action, limit }: ListDoing): ListDoing {
  return { action, ...(limit === undefined ? {} : { limit }) }
}

/** What automatic decisions of the time met, by their target. */
function countedOn(
  { store, enforcer }: SettingsPlanOptions,
  { more, fewer }: Pick<ApplyPlan, 'more' | 'fewer'>,
  sinceMs: number,
): (source: { readonly source: string; readonly points: number; readonly atMs: number }) => ChangedSource {
  const sums = new Map([...more, ...fewer].map(({ source }) => [source, { packets: 0, bytes: 0 }]))
  if (sums.size > 0) {
    for (const decision of store.decisions({ sinceMs, last: MAX_DECISIONS }, true, false).rows) {
      const sum = sums.get(decision.target)
      if (sum === undefined || (decision.origin !== 'detector' && decision.origin !== 'model')) continue
      const hits = enforcer.hits(decision)
      sum.packets += hits?.packets ?? 0
      sum.bytes += hits?.bytes ?? 0
    }
  }
  return (one) => ({ ...one, ...(sums.get(one.source) ?? { packets: 0, bytes: 0 }) })
}
