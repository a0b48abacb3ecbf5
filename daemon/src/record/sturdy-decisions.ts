/**
 * Decisions that hold when the store does not: whoever fills the disk must not disarm idsd, nor keep an operator from
 * lifting a block. What the store refused lives in memory until the daemon stops, or is written later.
 */

import { type Decision, type DecisionState, firstUnstored, type KeptHits } from '../enforce/decision.js'
import { covers, parseTarget } from '../policy/address.js'
import { DEFAULT_LAST, type Page, type RecordFilter } from './filter.js'
import type { Store } from './store.js'
import { StoreError } from './store-error.js'

type DecisionStore = Pick<
  Store,
  | 'reserveDecision'
  | 'insertDecision'
  | 'endDecision'
  | 'reviveDecisions'
  | 'decision'
  | 'decisions'
  | 'hits'
  | 'saveHits'
>

export type SturdyDecisions = DecisionStore & {
  /** Writes the ends that the store refused before. @throws StoreError when it refuses again */
  retry(): void
  /** Decisions and ends that the store does not hold. */
  readonly unstored: number
}

/** Decisions kept in memory; the oldest ended one leaves for a new one, an active one never. */
const maxUnstored = 65_536

interface End {
  readonly state: DecisionState
  readonly endedAtMs: number
  readonly hits: KeptHits | undefined
}

/** @param onFault told of each refusal, to be logged */
export function createSturdyDecisions(
  store: DecisionStore,
  onFault: (fault: StoreError) => void,
): SturdyDecisions {
  const unstored = new Map<number, Decision>()
  const hitsOf = new Map<number, KeptHits>()
  const ends = new Map<number, End>()
  let made = 0

  const asEnded = (decision: Decision): Decision => {
    const end = ends.get(decision.number)
    return end === undefined ? decision : { ...decision, state: end.state, endedAtMs: end.endedAtMs }
  }

  /** @returns whether there is room for one more */
  const makeRoom = (): boolean => {
    if (unstored.size < maxUnstored) return true
    const victim = [...unstored.values()].find(({ state }) => state !== 'active')
    if (victim === undefined) return false
    hitsOf.delete(victim.number)
    return unstored.delete(victim.number)
  }

  const matches = (decision: Decision, { target, sinceMs = 0, untilMs = 0 }: RecordFilter): boolean => {
    if (sinceMs > 0 && decision.createdAtMs < sinceMs) return false
    if (untilMs > 0 && decision.createdAtMs > untilMs) return false
    if (target === undefined) return true
    const own = parseTarget(decision.target, 'target')
    return covers(own, target) || covers(target, own)
  }

  return {
    reserveDecision: () => store.reserveDecision(),
    insertDecision(decision) {
      try {
        return store.insertDecision(decision)
      } catch (fault) {
        // An operator sees the error and can act; an attack does not wait for somebody to make room.
        if (!(fault instanceof StoreError) || decision.origin === 'operator') throw fault
        if (!makeRoom()) throw fault
        onFault(fault)
        const kept: Decision = { ...decision, number: firstUnstored + made++, state: 'active', endedAtMs: 0 }
        unstored.set(kept.number, kept)
        return kept
      }
    },
    endDecision(number, state, endedAtMs, hits) {
      const kept = unstored.get(number)
      if (kept !== undefined) {
        const ended: Decision = { ...kept, state, endedAtMs }
        unstored.set(number, ended)
        if (hits !== undefined) hitsOf.set(number, hits)
        return ended
      }
      try {
        return store.endDecision(number, state, endedAtMs, hits)
      } catch (fault) {
        if (!(fault instanceof StoreError)) throw fault
        const decision = store.decision(number)
        if (decision === undefined) throw fault
        onFault(fault)
        ends.set(number, { state, endedAtMs, hits })
        return asEnded(decision)
      }
    },
    reviveDecisions(nowMs) {
      try {
        return store.reviveDecisions(nowMs)
      } catch (fault) {
        // Without them a start goes on: what is over is over, until the next one.
        if (!(fault instanceof StoreError)) throw fault
        onFault(fault)
        return []
      }
    },
    decision(number) {
      const found = unstored.get(number) ?? store.decision(number)
      return found === undefined ? undefined : asEnded(found)
    },
    decisions(filter, all = true, hasEvidence = true): Page<Decision> {
      const page = store.decisions(filter, all, hasEvidence)
      const isShown = (decision: Decision) => all || decision.state === 'active'
      const extra = [...unstored.values()]
        .reverse()
        .filter((decision) => isShown(decision) && matches(decision, filter))
      const stored = page.rows.map(asEnded).filter(isShown)
      return {
        ...page,
        rows: [...extra, ...stored].slice(0, filter.last || DEFAULT_LAST),
        total: page.total + extra.length - (page.rows.length - stored.length),
      }
    },
    hits: (number) => hitsOf.get(number) ?? ends.get(number)?.hits ?? store.hits(number),
    saveHits(entries, settled = []) {
      const stored = [...entries].filter(([number, hits]) => {
        if (number < firstUnstored) return true
        hitsOf.set(number, hits)
        return false
      })
      if (stored.length > 0 || settled.length > 0) store.saveHits(stored, settled)
    },
    retry() {
      for (const [number, { state, endedAtMs, hits }] of ends) {
        store.endDecision(number, state, endedAtMs, hits)
        ends.delete(number)
      }
    },
    get unstored() {
      return unstored.size + ends.size
    },
  }
}
