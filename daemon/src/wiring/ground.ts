/** What the rooms stand on while idsd runs. */

import type { Config } from '../config/config.js'
import type { AuditRow } from '../control/audit-row.js'
import type { Clock } from '../enforce/enforcer.js'
import type { Logger } from '../log.js'

/** The configuration in force. It changes while idsd runs: rooms read it when they need it. */
export interface InForce {
  /** As it was written and applied. */
  written: Config
  /** `written`, with what was fitted to this site. */
  config: Config
  /** Keys that the file, a flag or what is applied names: nothing is fitted there. */
  pinned: ReadonlySet<string>
}

export interface Ground {
  readonly inForce: InForce
  readonly clock: Clock
  /** Wall time, ms. */
  readonly startedAtMs: number
  readonly audit: (row: AuditRow) => void
  /** What is to be done at the end; what was named last is done first. */
  readonly onClose: (close: () => unknown) => void
  readonly log: Logger
}
