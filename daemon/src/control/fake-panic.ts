/** For tests: a panic in memory. */

import type { Panic, PanicState } from '../enforce/panic.js'

/** @param now wall time, ms */
export function createFakePanic(now: () => number): Pick<Panic, 'state' | 'begin' | 'end'> {
  let state: PanicState | undefined
  return {
    get state() {
      return state
    },
    begin({ forMs, by, reason }) {
      state = { sinceMs: now(), untilMs: forMs === 0 ? 0 : now() + forMs, by, reason }
      return state
    },
    end() {
      state = undefined
    },
  }
}
