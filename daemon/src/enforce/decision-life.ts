/** How a decision begins and ends: in the store, in the map and in what is told of it. */

import { KernelError } from '../errors.js'
import type { Store } from '../record/store.js'
import type { Change, Clock } from './change.js'
import type { Decision } from './decision.js'
import type { Draft } from './draft.js'
import type { HeldEntries } from './held-entries.js'
import type { HitLedger } from './hit-ledger.js'
import type { Worlds } from './worlds.js'

export interface DecisionLife {
  /**
   * Stored first, then in the map; what the map does not take is not kept as active.
   * @throws KernelError, StoreError
   */
  add(decision: Draft): Decision
  /**
   * In the map first: an attack does not wait for the store. Who is killed in between leaves an entry that ends by
   * itself, and that the next start does not take over.
   * @param onInForce called once the entry is in the map, before anything is stored
   * @throws KernelError, StoreError
   */
  addAtOnce(decision: Draft, onInForce?: (decision: Decision) => void): Decision
  end(decision: Decision, state: 'expired' | 'lifted' | 'displaced'): Decision
}

export interface DecisionLifeOptions {
  readonly held: Pick<HeldEntries, 'hold' | 'letGo' | 'write' | 'of'>
  readonly hits: Pick<HitLedger, 'begin' | 'handOver' | 'look' | 'kept'>
  readonly store: Pick<Store, 'insertDecision' | 'reserveDecision' | 'endDecision'>
  readonly worlds: Pick<Worlds, 'isDrafting' | 'add'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly onChange: (change: Change) => void
}

export function createDecisionLife(options: DecisionLifeOptions): DecisionLife {
  const { held, hits, store, worlds, clock, onChange } = options
  const { hold, letGo, write } = held

  const add: DecisionLife['add'] = (decision) => {
    const stored = store.insertDecision(decision)
    hits.begin(stored.number)
    if (worlds.isDrafting) worlds.add(stored.number)
    try {
      write(hold(stored))
    } catch (error) {
      try {
        letGo(stored.number)
      } finally {
        store.endDecision(stored.number, 'lifted', clock.nowMs())
      }
      throw error
    }
    onChange({ kind: 'added', decision: stored, atMs: clock.nowMs() })
    return stored
  }

  const addAtOnce: DecisionLife['addAtOnce'] = (given, onInForce) => {
    const decision: Decision = { ...given, number: store.reserveDecision(), state: 'active', endedAtMs: 0 }
    const { number } = decision
    hits.begin(number)
    const entry = hold(decision)
    const isShared = entry.decisions.size > 1
    let stored: Decision
    try {
      write(entry)
      onInForce?.(decision)
      stored = store.insertDecision(decision)
    } catch (error) {
      letGo(number)
      throw error
    }
    // The store knows it only from here on.
    if (isShared) hits.handOver(entry, number)
    if (stored.number !== number) {
      // The store refused it, and it lives on under another number.
      hits.begin(stored.number)
      hold(stored)
      try {
        letGo(number)
      } catch (fault) {
        // The entry still carries the other number: the next comparison puts it right.
        if (!(fault instanceof KernelError)) throw fault
      }
    }
    onChange({ kind: 'added', decision: stored, atMs: clock.nowMs() })
    return stored
  }

  const end: DecisionLife['end'] = (decision, state) => {
    const { number } = decision
    const entry = held.of(number)
    if (entry !== undefined) hits.look(entry)
    const ended = store.endDecision(number, state, clock.nowMs(), entry && hits.kept(number))
    // The clock that ended it may be wrong: what is on trial stays so if it comes back.
    letGo(number, state !== 'expired')
    onChange({ kind: state, decision: ended, atMs: clock.nowMs() })
    return ended
  }

  return { add, addAtOnce, end }
}
