/** The store, and what goes on without it when its disk is full. */

import type { Config } from '../config/config.js'
import type { AuditRow } from '../control/audit-row.js'
import { featureColumns } from '../features/columns.js'
import type { Privilege } from '../kernel/privilege.js'
import type { Logger } from '../log.js'
import { openStore, type Store } from '../record/store.js'
import { StoreError } from '../record/store-error.js'
import { createSturdyDecisions } from '../record/sturdy-decisions.js'

export interface Recording {
  readonly store: Store
  /** The same; a full disk neither disarms idsd nor keeps an operator from lifting a block. */
  readonly sturdyStore: Store
  /** Writes what the store refused before. */
  retry(): void
  /** A row that the store does not take is told in the log. */
  audit(row: AuditRow): void
}

/** @throws StoreError when the database cannot be opened */
export function openRecord(config: Config, privilege: Pick<Privilege, 'asAccount'>, log: Logger): Recording {
  const store = privilege.asAccount(() =>
    openStore({
      path: config.paths.db,
      maxFileBytes: config.store.maxBytes * 2,
      featureNames: featureColumns.map(({ name }) => name),
    }),
  )
  const decisions = createSturdyDecisions(store, (fault) =>
    log.error({ problem: fault.message }, 'a decision is in force but not in the store'),
  )
  return {
    store,
    sturdyStore: { ...store, ...decisions },
    retry: () => decisions.retry(),
    audit(row) {
      try {
        store.audit(row)
      } catch (fault) {
        if (!(fault instanceof StoreError)) throw fault
        log.error({ problem: fault.message, row }, 'this audit row is not in the store')
      }
    },
  }
}
