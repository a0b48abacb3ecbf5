/** A store that lives as long as one reading: it numbers alerts and decisions and keeps what is in force. */

import type { Decision, LadderName } from '../enforce/decision.js'
import type { EnforcerOptions } from '../enforce/enforcer.js'
import { NotFoundError } from '../errors.js'
import type { LastStep } from '../policy/ladder.js'
import { createRecentMap } from '../recent-map.js'
import type { Store } from '../record/store.js'

export interface MemoryStoreOptions {
  /** Sources whose blocks are remembered; the least recent leaves first. Default 65,536. */
  readonly maxSources?: number
}

export interface MemoryStore extends Pick<Store, 'append' | 'flush'> {
  readonly decisions: EnforcerOptions['store']
  /**
   * Blocks of a source that were made since then and lasted longer than so long. Nobody lifts one here.
   * @param sinceMs time of the capture, ms
   */
  repeats(source: string, sinceMs: number, longerThanMs: number): number
  /** The step of a ladder that was last taken against a target. */
  lastStep(target: string, ladder: LadderName, sinceMs: number): LastStep | undefined
}

interface PastBlock {
  readonly createdAtMs: number
  readonly lengthMs: number
}

/** Blocks of one source that are remembered: more of them make none longer. */
const maxBlocks = 64

export function createMemoryStore({ maxSources = 65_536 }: MemoryStoreOptions = {}): MemoryStore {
  const active = new Map<number, Decision>()
  const past = createRecentMap<string, PastBlock[]>()
  const steps = createRecentMap<string, LastStep & { readonly createdAtMs: number }>(maxSources)
  let lastAlert = 0
  let lastDecision = 0

  function remember({ target, kind, action, ladder, createdAtMs, expiresAtMs }: Decision): void {
    if (ladder !== undefined) {
      steps.set(`${ladder.name} ${target}`, { step: ladder.step, endMs: expiresAtMs, createdAtMs })
    }
    if (kind !== 'block' || (action !== 'drop' && action !== 'reject')) return
    const blocks = past.get(target) ?? []
    past.set(target, [...blocks.slice(1 - maxBlocks), { createdAtMs, lengthMs: expiresAtMs - createdAtMs }])
    if (past.size > maxSources) past.dropOldest()
  }

  return {
    append: ({ alerts }) => alerts.map((alert) => ({ ...alert, number: ++lastAlert })),
    // Flows are not kept.
    flush: () => 0,
    repeats: (source, sinceMs, longerThanMs) =>
      (past.get(source) ?? []).filter(
        ({ createdAtMs, lengthMs }) => createdAtMs >= sinceMs && lengthMs > longerThanMs,
      ).length,
    lastStep: (target, ladder, sinceMs) => {
      const found = steps.get(`${ladder} ${target}`)
      return found !== undefined && found.createdAtMs >= sinceMs ? found : undefined
    },
    decisions: {
      reserveDecision: () => ++lastDecision,
      insertDecision({ number = ++lastDecision, ...given }) {
        const decision: Decision = { ...given, number, state: 'active', endedAtMs: 0 }
        active.set(decision.number, decision)
        remember(decision)
        return decision
      },
      endDecision(number, state, endedAtMs) {
        const decision = active.get(number)
        if (decision === undefined) throw new NotFoundError(`there is no decision d${number} in force`)
        active.delete(number)
        return { ...decision, state, endedAtMs }
      },
      decision: (number) => active.get(number),
      activeDecisions: () => [...active.values()],
      reviveDecisions: () => [],
      // No packet of a capture meets an entry, and no operator allows one.
      hits: () => undefined,
      saveHits() {},
      hitReadings: () => undefined,
      addAllow: (entry) => entry,
      removeAllow: () => undefined,
      allowEntries: () => [],
    },
  }
}
