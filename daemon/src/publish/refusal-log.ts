/** What becomes of refused requests: each is counted, and those that would have changed something go into the audit. */

import type { AuditRow } from '../control/audit-row.js'
import type { Role } from '../control/caller.js'

export interface RefusalLogOptions {
  readonly audit: (row: AuditRow) => void
  /** Requests of a role that were refused. */
  readonly count: (role: Role) => void
  /** Rows of the audit in a minute; more are only counted: who may not change anything cannot fill the database either. */
  readonly rowsPerMinute?: number
}

const minuteMs = 60_000

export function createRefusalLog({
  audit,
  count,
  rowsPerMinute = 60,
}: RefusalLogOptions): (role: Role, row: AuditRow | undefined) => void {
  let beganMs = Number.NEGATIVE_INFINITY
  let rows = 0
  return (role, row) => {
    count(role)
    if (row === undefined) return
    // A clock that was set back begins a minute too.
    if (row.atMs - beganMs >= minuteMs || row.atMs < beganMs) {
      beganMs = row.atMs
      rows = 0
    }
    if (rows++ < rowsPerMinute) audit(row)
  }
}
