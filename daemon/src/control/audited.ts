/** A change that fails is in the audit too. */

import { RefusedError } from '../errors.js'
import type { AuditRow } from './audit-row.js'

/** Runs a change; what fails is audited before it is thrown on. */
export function audited<T>(
  { audit }: { readonly audit: (row: AuditRow) => void },
  base: Omit<AuditRow, 'outcome' | 'detail' | 'decisionNumbers'>,
  change: () => T,
): T {
  try {
    return change()
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    const outcome = error instanceof RefusedError ? 'refused' : 'failed'
    audit({ ...base, outcome, detail, decisionNumbers: [] })
    throw error
  }
}
