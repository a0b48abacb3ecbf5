/** What the audit keeps of one request that wanted to change something. */

export type AuditAction =
  | 'block'
  | 'unblock'
  | 'allow_add'
  | 'allow_remove'
  | 'mode'
  | 'reload'
  | 'panic'
  | 'resume'
  | 'breaker_reset'
  | 'list_import'
  | 'list_remove'
  | 'confirm'
  | 'rollback'
  | 'apply'
  | 'calibrate_start'
  | 'calibrate_apply'
  | 'calibrate_cancel'
  | 'calibrate_clear'

/** `forced`: done over the objection of a guard. `failed`: tried, and the kernel or the store said no. */
export type AuditOutcome = 'done' | 'forced' | 'refused' | 'failed'

export interface AuditRow {
  /** Wall time, ms since 1970. */
  readonly atMs: number
  readonly action: AuditAction
  /** Canonical address or CIDR; '' where the request names none. */
  readonly target: string
  /** Who asked; see `callerName`. */
  readonly caller: string
  readonly outcome: AuditOutcome
  /** In words: reason and length of a block, the guards that refused or were overridden, the modes, the error. */
  readonly detail: string
  /** Decisions made or ended; empty when none. */
  readonly decisionNumbers: readonly number[]
  /** Why, as the caller gave it; absent where the caller gave none. */
  readonly reason?: string
  /** What was so before and is so afterwards, in words; absent where nothing changed. */
  readonly before?: string
  readonly after?: string
}
