/** What is said of a trial: in the log, in the event file, and in the audit where nobody asked for it. */

import type { AuditRow } from '../control/audit-row.js'
import type { TrialEnd, TrialState } from '../enforce/trial.js'
import type { Logger } from '../log.js'
import type { EventWriter } from '../publish/event-writer.js'
import type { TrialRow } from '../record/trial-table.js'
import type { PastActs } from './past-acts.js'

export interface TrialTeller {
  begun(trial: TrialState): void
  /** After a start. */
  goesOn(trial: TrialState): void
  ended(trial: TrialState, how: TrialEnd, row: TrialRow): void
}

export interface TrialTellerOptions {
  readonly log: Logger
  readonly audit: (row: AuditRow) => void
  readonly pastActs: Pick<PastActs, 'hasRolledBack'>
  readonly events: () => EventWriter | undefined
  /** Wall time, ms. */
  readonly nowMs: () => number
}

/** Who takes a trial back when nobody asked, and nobody left a note of it. */
const WHO: Readonly<Record<'over' | 'past' | 'found', string>> = {
  over: 'idsd, its time was over',
  past: 'root, past the daemon',
  // By root past a dead daemon; or idsd was killed before it had begun, or before it could write down who had asked.
  found: 'idsd, at its start: it was gone from the kernel',
}

export function trialTeller(options: TrialTellerOptions): TrialTeller {
  const { log, audit, pastActs, events, nowMs } = options
  return {
    begun(trial) {
      const { what, by, untilMs } = trial
      const until = new Date(untilMs).toISOString()
      log.warn({ what, by, until }, 'on trial: idsctl confirm keeps it, else it is taken back')
      events()?.trial({ change: 'begun', ...trial })
    },
    goesOn: ({ what, by, untilMs }) =>
      log.warn({ what, by, until: new Date(untilMs).toISOString() }, 'a change goes on being on trial'),
    ended(trial, how, row) {
      const { what, by } = trial
      if (how === 'confirmed') log.info({ what, by }, 'what was on trial is confirmed')
      else log.warn({ what, by, how }, 'what was on trial is taken back')
      events()?.trial({ change: how === 'confirmed' ? 'confirmed' : 'rolled_back', ...trial })
      // What was asked for is in the audit already, and so is what was noted.
      if (how === 'confirmed' || how === 'rolled_back') return
      if (how !== 'over' && pastActs.hasRolledBack(row)) return
      const words = { detail: what, before: `on trial: ${what}`, after: `taken back: ${what}` }
      const base = { atMs: nowMs(), action: 'rollback', target: '', caller: WHO[how] } as const
      audit({ ...base, outcome: 'done', ...words, decisionNumbers: [] })
    },
  }
}
