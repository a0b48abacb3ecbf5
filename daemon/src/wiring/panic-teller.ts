/** What is said of a panic: in the log, and in the audit where nobody asked for it. */

import type { AuditRow } from '../control/audit-row.js'
import { panicInWords } from '../control/panic-command.js'
import type { PanicOptions } from '../enforce/panic.js'
import type { Logger } from '../log.js'

export interface PanicTellerOptions {
  readonly log: Logger
  readonly audit: (row: AuditRow) => void
  /** Wall time, ms. */
  readonly nowMs: () => number
}

export function panicTeller({ log, audit, nowMs }: PanicTellerOptions): PanicOptions['onChange'] {
  return ({ panic, before, how }) => {
    if (panic === undefined) log.warn({ before, how }, 'the panic is over: idsd enforces again')
    else log.error({ panic, how }, `PANIC: ${panicInWords(panic)}`)
    // What was asked for is in the audit already, and so is what was noted.
    if (how === 'asked' || how === 'noted') return
    audit({
      atMs: nowMs(),
      action: panic === undefined ? 'resume' : 'panic',
      caller: how === 'past' ? 'root, past the daemon' : 'idsd, its time was over',
      target: '',
      outcome: 'done',
      detail: panicInWords(panic),
      before: panicInWords(before),
      after: panicInWords(panic),
      decisionNumbers: [],
    })
  }
}
