/** Rows of the audit, as rows and as documents. */

import type { AuditRow } from '../contract.js'
import type { Document, Kind } from './print.js'
import { localTime, utcMs } from './time.js'

export const auditKind: Kind<AuditRow> = {
  plural: 'rows',
  listSchema: 'idsd.audit_rows.v1',
  columns: () => [
    { title: 'TIME', cell: ({ atMs }) => localTime(atMs) },
    { title: 'WHO', cell: ({ caller }) => caller },
    { title: 'ACTION', cell: ({ action }) => action },
    { title: 'TARGET', cell: ({ target }) => target || '-' },
    { title: 'OUTCOME', cell: ({ outcome }) => outcome },
    { title: 'DECISIONS', cell: ({ decisionIds }) => decisionIds.join(' ') || '-' },
    { title: 'WHAT', cell: whatText },
  ],
  document: auditDocument,
}

/** Why, and from what to what; of a row that tells neither, its detail. */
function whatText({ reason, before, after, detail }: AuditRow): string {
  const change = before === '' && after === '' ? detail : `${before} -> ${after}`
  return reason === '' || tells(change, reason) ? change : `${reason}: ${change}`
}

/** Does the reason stand in the change as a part of its own? As a part of other words it does not. */
function tells(change: string, reason: string): boolean {
  const around = change.split(reason)
  return around.some((text, i) => {
    const next = around[i + 1]
    return next !== undefined && /(^|\(|[:;] )$/.test(text) && /^($|[);])/.test(next)
  })
}

/** `idsd.audit_row.v1`; what a row does not tell is null. */
function auditDocument(row: AuditRow): Document {
  return {
    schema: 'idsd.audit_row.v1',
    at: utcMs(row.atMs),
    caller: row.caller,
    action: row.action,
    target: row.target || null,
    outcome: row.outcome,
    reason: row.reason || null,
    before: row.before || null,
    after: row.after || null,
    detail: row.detail,
    decisions: row.decisionIds,
  }
}
