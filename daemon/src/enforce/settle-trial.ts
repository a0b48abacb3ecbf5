/** Writes into the store how a trial ended, whole or not at all: the same while it runs and at the next start. */

import type { Store } from '../record/store.js'
import type { TrialRow } from '../record/trial-table.js'

export type TrialStore = Pick<
  Store,
  | 'transaction'
  | 'trial'
  | 'saveTrial'
  | 'saveApplied'
  | 'decision'
  | 'endDecision'
  | 'addAllow'
  | 'removeAllow'
  | 'saveList'
  | 'removeList'
>

/**
 * What the trial changed is stored as if it had never been on trial. The row stays, because the kernel's entries follow
 * later. @throws StoreError; then nothing is stored
 */
export function storeConfirmed(store: TrialStore, row: TrialRow, nowMs: number): void {
  const { change, applied } = row
  store.transaction(() => {
    liftAll(store, change.lifted, nowMs)
    for (const target of change.allow.removed) store.removeAllow(target)
    for (const entry of change.allow.added) store.addAllow(entry)
    for (const name of change.lists?.removed ?? []) store.removeList(name)
    for (const list of change.lists?.saved ?? []) store.saveList(list)
    if (applied !== undefined) store.saveApplied(applied ?? undefined, nowMs)
    store.saveTrial({ ...row, state: 'confirmed' })
  })
}

/** What the trial changed never was. @throws StoreError; then nothing is stored */
export function storeRolledBack(store: TrialStore, { change }: TrialRow, nowMs: number): void {
  store.transaction(() => {
    liftAll(store, change.added, nowMs)
    store.saveTrial(undefined)
  })
}

/** Those that a clock ended too: it may have been wrong, and what is expired comes back by a right one. */
function liftAll(store: TrialStore, decisions: readonly number[], nowMs: number): void {
  for (const number of decisions) {
    const state = store.decision(number)?.state
    if (state === 'active' || state === 'expired') store.endDecision(number, 'lifted', nowMs)
  }
}
