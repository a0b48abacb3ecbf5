/** What a list is narrowed to, and the SQL that does it. */

import { addressRange, type Target } from '../policy/address.js'

/** Every bound that is absent or 0 does not narrow. */
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

/** One of the columns lies in the target. */
export function insideCondition(columns: readonly string[], target: Target | undefined): Condition[] {
  if (target === undefined) return []
  const { first, last } = keys(target)
  return [
    {
      sql: `(${columns.map((column) => `${column} BETWEEN ? AND ?`).join(' OR ')})`,
      values: columns.flatMap(() => [first, last]),
    },
  ]
}

/** The range of the columns `first_key` and `last_key` lies in the target or covers it. */
export function overlapCondition(target: Target | undefined): Condition[] {
  if (target === undefined) return []
  const { first, last } = keys(target)
  return [{ sql: '(first_key <= ? AND last_key >= ?)', values: [last, first] }]
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
