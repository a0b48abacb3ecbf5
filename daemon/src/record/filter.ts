/** What a list is narrowed to, and the SQL that does it. */

import type { DetectorName, Severity } from '../detect/evidence.js'
import { addressRange, type Target } from '../policy/address.js'

/** A bound that is absent does not narrow, and but for `anomalousFrom` 0 is absent. */
export interface RecordFilter {
  /** Wall time, ms since 1970, inclusive; of a flow its last packet, of a decision its beginning. */
  readonly sinceMs?: number
  readonly untilMs?: number
  /** Flows: either end lies in it. Decisions and audit: the target lies in it or covers it. Alerts: the source. */
  readonly target?: Target | undefined
  /** Flows: port of either end. Alerts: of either end of one of their flows. */
  readonly port?: number
  /** At most so many rows, newest first. Default 100. */
  readonly last?: number
  /** Flows: the score is at least this, in [0, 1]; what was not scored does not match. */
  readonly minScore?: number | undefined
  /** Flows: the score is at least this, in [0, 1], or evidence cites the flow. */
  readonly anomalousFrom?: number | undefined
  /** Alerts: from one of these; absent or empty: from all. */
  readonly detectors?: readonly DetectorName[] | undefined
  /** Alerts: with one of these; absent or empty: with all. */
  readonly severities?: readonly Severity[] | undefined
}

/** Newest first; `total` counts all that match, shown or not. */
export interface Page<T> {
  readonly rows: readonly T[]
  readonly total: number
  /** The search met its time limit: older rows may match too, and `total` is a lower bound. */
  readonly isPartial?: true
}

export const DEFAULT_LAST = 100

export interface Condition {
  readonly sql: string
  readonly values: readonly (string | number | Buffer)[]
}

/** @param unit units of the column in one ms */
export function timeConditions(
  column: string,
  { sinceMs = 0, untilMs = 0 }: RecordFilter,
  unit = 1,
): Condition[] {
  const found: Condition[] = []
  if (sinceMs > 0) found.push({ sql: `${column} >= ?`, values: [sinceMs * unit] })
  if (untilMs > 0) found.push({ sql: `${column} <= ?`, values: [untilMs * unit + unit - 1] })
  return found
}

/** The column, 16 bytes, lies in the target. */
export function insideCondition(column: string, target: Target | undefined): Condition[] {
  if (target === undefined) return []
  const { first, last } = keys(target)
  return [{ sql: `${column} BETWEEN ? AND ?`, values: [first, last] }]
}

/** The range of the columns `first_key` and `last_key` lies in the target or covers it. */
export function overlapCondition(target: Target | undefined): Condition[] {
  if (target === undefined) return []
  const { first, last } = keys(target)
  return [{ sql: '(first_key <= ? AND last_key >= ?)', values: [last, first] }]
}

/** The column is one of the values; an empty list does not narrow. */
export function oneOfCondition(column: string, values: readonly string[] = []): Condition[] {
  if (values.length === 0) return []
  return [{ sql: `${column} IN (${values.map(() => '?').join(', ')})`, values }]
}

export function whereClause(conditions: readonly Condition[]): Condition {
  if (conditions.length === 0) return { sql: '', values: [] }
  return {
    sql: ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`,
    values: conditions.flatMap(({ values }) => values),
  }
}

function keys(target: Target): { readonly first: Buffer; readonly last: Buffer } {
  const { first, last } = addressRange(target)
  return { first: Buffer.from(first), last: Buffer.from(last) }
}
