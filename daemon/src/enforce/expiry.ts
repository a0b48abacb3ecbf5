/** What is over leaves, by a wall clock that may be set: ends follow it, and what a wrong one had ended comes back. */

import type { Store } from '../record/store.js'
import type { Allowlist } from './allowlist.js'
import type { Change, Clock } from './change.js'
import type { AllowEntry, Decision } from './decision.js'
import type { HeldEntries } from './held-entries.js'
import type { HitLedger } from './hit-ledger.js'
import { tryAll } from './try-all.js'

export interface Expiry {
  /** See `Enforcer.expire`. @throws the first fault, after all were tried */
  expire(): void
}

export interface ExpiryOptions {
  readonly held: Pick<HeldEntries, 'all' | 'hold' | 'write'>
  readonly hits: Pick<HitLedger, 'handOver'>
  readonly store: Pick<Store, 'reviveDecisions'>
  readonly allowlist: Pick<Allowlist, 'comeBack' | 'expire'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly wallMinusBootMs: () => number
  readonly end: (decision: Decision) => void
  readonly onChange: (change: Change) => void
  readonly onAllowEnd: (ended: readonly AllowEntry[]) => void
  readonly onAllowBack: (back: readonly AllowEntry[]) => void
}

/** A wall clock that moved further against the boot clock was set, ms. */
const maxDriftMs = 1_000

export function createExpiry(options: ExpiryOptions): Expiry {
  const { held, hits, store, allowlist, clock, wallMinusBootMs, end, onChange } = options
  const { hold, write } = held
  let clockOffsetMs = wallMinusBootMs()
  /** The clock was set, and the store was not asked yet what had ended by the one before. */
  let isClockNew = false

  return {
    expire() {
      const nowMs = clock.nowMs()
      const over: Decision[] = []
      for (const { decisions } of held.all.values()) {
        for (const decision of decisions.values()) {
          if (decision.expiresAtMs !== 0 && decision.expiresAtMs <= nowMs) over.push(decision)
        }
      }
      if (Math.abs(wallMinusBootMs() - clockOffsetMs) > maxDriftMs) {
        clockOffsetMs = wallMinusBootMs()
        isClockNew = true
        tryAll(held.all.values(), write)
      }
      if (isClockNew) {
        // Before the blocks: whom an operator lets through must not be met by one that is back.
        const allowed = allowlist.comeBack(nowMs)
        if (allowed.length > 0) options.onAllowBack(allowed)
        const back = store.reviveDecisions(nowMs)
        isClockNew = false
        tryAll(back, (decision) => {
          const entry = hold(decision)
          write(entry)
          hits.handOver(entry, decision.number)
          onChange({ kind: 'repaired', decision, atMs: nowMs })
        })
      }
      const expireAllow = () => {
        const ended = allowlist.expire(nowMs)
        if (ended.length > 0) options.onAllowEnd(ended)
      }
      tryAll([expireAllow, ...over.map((decision) => () => end(decision))], (work) => work())
    },
  }
}
