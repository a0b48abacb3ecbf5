/** For tests: an enforcement that keeps its decisions in memory. */

import type { AllowEntry, Decision, Mode } from '../enforce/decision.js'
import { operatorDraft } from '../enforce/draft.js'
import { covers, parseTarget, type Target } from '../policy/address.js'
import type { BlockOrder, Enforcement } from './enforcement.js'

export interface FakeEnforcement extends Enforcement {
  readonly decisions: Decision[]
  readonly allows: AllowEntry[]
}

export function createFakeEnforcement(now: () => number): FakeEnforcement {
  const decisions: Decision[] = []
  const allows: AllowEntry[] = []
  let mode: Mode = 'prevent'
  const target = (text: string) => parseTarget(text, 'target')
  const active = () => decisions.filter((decision) => decision.state === 'active')
  const preview = (order: BlockOrder): Decision => ({
    ...operatorDraft(order, mode),
    number: 0,
    state: 'active',
    endedAtMs: 0,
  })
  const replace = (decision: Decision) => {
    decisions[decision.number - 1] = decision
    return decision
  }
  const chain = (inner: Target) =>
    allows
      .filter((entry) => covers(target(entry.target), inner))
      .sort((a, b) => target(b.target).prefix - target(a.target).prefix)
  return {
    decisions,
    allows,
    get mode() {
      return mode
    },
    onTrial: () => false,
    membership: () => 'both',
    setMode: (next) => {
      mode = next
    },
    get droppingCount() {
      return active().filter(({ action }) => action !== 'count').length
    },
    changedByMode: (next) => {
      const isAffected = ({ origin, kind }: Decision) => origin !== 'operator' && kind === 'block'
      return next === mode ? 0 : active().filter(isAffected).length
    },
    preview,
    block: (order) => replace({ ...preview(order), number: decisions.length + 1 }),
    lift: (ended) => ended.map((decision) => replace({ ...decision, state: 'lifted', endedAtMs: now() })),
    decision: (number) => decisions[number - 1],
    blocksAround: (around) => ({
      exact: active().filter((decision) => decision.target === around.text),
      covering: active().filter((decision) => isInside(around, target(decision.target))),
      inside: active().filter((decision) => isInside(target(decision.target), around)),
    }),
    addAllow: (_target, entry) => {
      const at = allows.findIndex(({ target: text }) => text === entry.target)
      allows.splice(at < 0 ? allows.length : at, 1, entry)
      return entry
    },
    allowEntries: () => allows,
    removeAllow: (_target, entry) => void allows.splice(allows.indexOf(entry), 1),
    allowEntry: ({ text }) => allows.find((entry) => entry.target === text),
    coveringAllow: (inner) => chain(inner)[0],
    allowChain: chain,
  }
}

/** Strictly: a prefix is not inside itself. */
const isInside = (inner: Target, outer: Target): boolean => inner.text !== outer.text && covers(outer, inner)
