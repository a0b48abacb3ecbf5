/** Finds flows, newest first, without holding the daemon up: a search has a time limit and says when it met it. */

import type { Database } from 'better-sqlite3'
import {
  type Condition,
  DEFAULT_LAST,
  insideCondition,
  type Page,
  type RecordFilter,
  timeConditions,
  whereClause,
} from './filter.js'
import { type FlowRow, readFlow, type StoredFlow } from './flow-rows.js'

/** Flows with an address of the filter up to which the index of addresses is the shorter way. */
const FEW = 20_000
/** Flows looked at in one step of a scan by time. */
const STEP = 20_000
const ENDS = ['src_key', 'dst_key']

/** @param limitMs a scan by time stops here, and its page says `isPartial` */
export function createFlowSearch(
  database: Database,
  limitMs: number,
): (filter: RecordFilter) => Page<StoredFlow> {
  const stepEnd = database
    .prepare<[number, number, number], number>(
      'SELECT last_us FROM flows WHERE last_us BETWEEN ? AND ? ORDER BY last_us DESC LIMIT 1 OFFSET ?',
    )
    .pluck()

  function count(from: string, { sql, values }: Condition): number {
    return (
      database
        .prepare<unknown[], number>(`SELECT count(*) FROM ${from}${sql}`)
        .pluck()
        .get(...values) ?? 0
    )
  }

  function newest(from: string, order: string, { sql, values }: Condition, last: number): StoredFlow[] {
    const statement = database.prepare<unknown[], FlowRow>(
      `SELECT * FROM ${from}${sql} ORDER BY ${order} DESC LIMIT ?`,
    )
    return statement.all(...values, last).map(readFlow)
  }

  function isRare({ target }: RecordFilter): boolean {
    if (target === undefined) return false
    return ENDS.every((column) => {
      const { sql, values } = whereClause(insideCondition([column], target))
      const some = `(SELECT 1 FROM flows${sql} LIMIT ${FEW + 1})`
      return count(some, { sql: '', values }) <= FEW
    })
  }

  /** In steps from the newest on. The plus keeps SQLite away from the indexes of addresses. */
  function scan(filter: RecordFilter, port: readonly Condition[], last: number): Page<StoredFlow> {
    const other = [...insideCondition(['+src_key', '+dst_key'], filter.target), ...port]
    const sinceUs = (filter.sinceMs ?? 0) * 1_000
    let untilUs = filter.untilMs ? filter.untilMs * 1_000 + 999 : Number.MAX_SAFE_INTEGER
    const rows: StoredFlow[] = []
    let total = 0
    const stopMs = performance.now() + limitMs
    for (;;) {
      const fromUs = stepEnd.get(sinceUs, untilUs, STEP - 1)
      const range = { sql: 'last_us BETWEEN ? AND ?', values: [fromUs ?? sinceUs, untilUs] }
      const where = whereClause([range, ...other])
      const found = count('flows', where)
      if (found > 0 && rows.length < last) rows.push(...newest('flows', 'last_us', where, last - rows.length))
      total += found
      if (fromUs === undefined) return { rows, total }
      if (performance.now() > stopMs) return { rows, total, isPartial: true }
      untilUs = fromUs - 1
    }
  }

  return (filter) => {
    const last = filter.last || DEFAULT_LAST
    const port = filter.port ? [{ sql: '? IN (src_port, dst_port)', values: [filter.port] }] : []
    if (isRare(filter)) {
      const where = whereClause([
        ...insideCondition(ENDS, filter.target),
        ...timeConditions('+last_us', filter, 1_000),
        ...port,
      ])
      return { rows: newest('flows', '+last_us', where, last), total: count('flows', where) }
    }
    if (filter.target !== undefined || port.length > 0) return scan(filter, port, last)
    const where = whereClause(timeConditions('last_us', filter, 1_000))
    return { rows: newest('flows', 'last_us', where, last), total: count('flows', where) }
  }
}
