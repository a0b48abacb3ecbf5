/** What operators did: the allowlist, and the audit of every request that wanted to change something. */

import type { Database } from 'better-sqlite3'
import type { AuditRow } from '../control/audit-row.js'
import type { AllowEntry } from '../enforce/decision.js'
import { DEFAULT_LAST, type Page, type RecordFilter, timeConditions, whereClause } from './filter.js'

export interface OperatorTables {
  /** An entry of the same target is replaced. */
  addAllow(entry: AllowEntry): AllowEntry
  /** The entry that was taken out; undefined when there was none. */
  removeAllow(target: string): AllowEntry | undefined
  /** By target text. */
  allowEntries(): AllowEntry[]
  audit(row: AuditRow): void
  /** Newest first; narrowed by time and by exactly the target's text. */
  auditRows(filter: RecordFilter): Page<AuditRow>
}

interface AllowRow {
  readonly target: string
  readonly reason: string
  readonly created_ms: number
  readonly created_by: string
  readonly source: string
  readonly expires_ms: number
  readonly log_only: number
}

interface StoredAuditRow {
  readonly at_ms: number
  readonly action: string
  readonly target: string
  readonly caller: string
  readonly outcome: string
  readonly detail: string
  readonly decisions: string
  readonly reason: string
  readonly before: string
  readonly after: string
}

const NEW_ALLOW = `INSERT OR REPLACE INTO allow_entries
  (target, reason, created_ms, created_by, source, expires_ms, log_only) VALUES (?, ?, ?, ?, ?, ?, ?)`
const NEW_AUDIT = `INSERT INTO audit
  (at_ms, action, target, caller, outcome, detail, decisions, reason, before, after)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

export function createOperatorTables(database: Database): OperatorTables {
  const add = database.prepare(NEW_ALLOW)
  const remove = database.prepare<[string], AllowRow>(
    'DELETE FROM allow_entries WHERE target = ? RETURNING *',
  )
  const list = database.prepare<[], AllowRow>('SELECT * FROM allow_entries ORDER BY target')
  const insertAudit = database.prepare(NEW_AUDIT)

  return {
    addAllow: (entry) => {
      const { target, reason, createdAtMs, createdBy, source, expiresAtMs = 0, isLogOnly = false } = entry
      add.run(target, reason, createdAtMs, createdBy, source, expiresAtMs, isLogOnly ? 1 : 0)
      return entry
    },
    removeAllow: (target) => {
      const row = remove.get(target)
      return row === undefined ? undefined : readAllow(row)
    },
    allowEntries: () => list.all().map(readAllow),
    audit: (row) => {
      const { reason = '', before = '', after = '' } = row
      const what = [row.atMs, row.action, row.target, row.caller, row.outcome, row.detail]
      insertAudit.run(...what, JSON.stringify(row.decisionNumbers), reason, before, after)
    },
    auditRows: (filter) => {
      const { sql, values } = whereClause([
        ...timeConditions('at_ms', filter),
        ...(filter.target === undefined ? [] : [{ sql: 'target = ?', values: [filter.target.text] }]),
      ])
      const rows = database
        .prepare<unknown[], StoredAuditRow>(`SELECT * FROM audit${sql} ORDER BY number DESC LIMIT ?`)
        .all(...values, filter.last || DEFAULT_LAST)
      const total = database
        .prepare<unknown[], number>(`SELECT count(*) FROM audit${sql}`)
        .pluck()
        .get(...values)
      return { rows: rows.map(readAudit), total: total ?? 0 }
    },
  }
}

function readAllow(row: AllowRow): AllowEntry {
  return {
    target: row.target,
    reason: row.reason,
    createdAtMs: row.created_ms,
    createdBy: row.created_by,
    source: row.source as AllowEntry['source'],
    ...(row.expires_ms === 0 ? {} : { expiresAtMs: row.expires_ms }),
    ...(row.log_only === 0 ? {} : { isLogOnly: true }),
  }
}

function readAudit(row: StoredAuditRow): AuditRow {
  return {
    atMs: row.at_ms,
    action: row.action as AuditRow['action'],
    target: row.target,
    caller: row.caller,
    outcome: row.outcome as AuditRow['outcome'],
    detail: row.detail,
    decisionNumbers: JSON.parse(row.decisions) as number[],
    ...(row.reason === '' ? {} : { reason: row.reason }),
    ...(row.before === '' ? {} : { before: row.before }),
    ...(row.after === '' ? {} : { after: row.after }),
  }
}
