/**
 * Finds flows without holding the daemon up. Every search goes through an index by time that holds what flows are
 * narrowed by, in steps, and stops at a time limit: then it says so, or where to go on.
 */

import type { Database } from 'better-sqlite3'
import { type Condition, DEFAULT_LAST, type Page, type RecordFilter, whereClause } from './filter.js'
import { flowKeyRange } from './flow-key.js'
import { type FlowRow, readFlow, type StoredFlow } from './flow-rows.js'

/** Where a search in pages goes on: behind the last flow that it saw. */
export interface FlowCursor {
  readonly lastUs: number
  readonly id: number
}

/** Flows in the order of their last packets, the earliest first. */
export interface FlowsPage {
  readonly rows: readonly StoredFlow[]
  /** Give it to the next call; undefined when there is no more. */
  readonly next: FlowCursor | undefined
}

export interface FlowSearch {
  /** Newest first. */
  flows(filter: RecordFilter): Page<StoredFlow>
  /**
   * One page of all that match, `filter.last` apart. It may hold fewer than `limit` rows, or none, and still have a
   * `next`: the time limit was met. A flow that goes on meanwhile comes again later with higher numbers.
   */
  flowsPage(filter: RecordFilter, after: FlowCursor | undefined, limit: number): FlowsPage
}

/** Flows looked at in one step. */
const STEP = 20_000
/** Share of the time limit for counting on, when there are rows enough to show. */
const COUNT_SHARE = 0.25
/** The condition of the index of anomalous flows, and the least score that it holds. */
const ANOMALOUS = 'score >= 0.5 OR reasons <> 0'
const ANOMALOUS_FROM = 0.5
/** A page of many is read between other work, so it takes less of the main thread than a search, ms. */
const PAGE_LIMIT_MS = 20
const MAX_US = Number.MAX_SAFE_INTEGER

/** @param limitMs a search stops here, a page at 20 ms if that is sooner */
export function createFlowSearch(database: Database, limitMs: number): FlowSearch {
  const stepBack = stepper('DESC')
  const stepForth = stepper('ASC')

  /** The time of the last of so many flows of a range; undefined when there are fewer. */
  function stepper(order: 'ASC' | 'DESC') {
    const prepare = (from: string, where: string) =>
      database
        .prepare<[number, number, number], number>(
          `SELECT last_us FROM ${from} WHERE last_us BETWEEN ? AND ?${where} ORDER BY last_us ${order} LIMIT 1 OFFSET ?`,
        )
        .pluck()
    const all = prepare(source(false), '')
    const anomalous = prepare(source(true), ` AND (${ANOMALOUS})`)
    return (isAnomalous: boolean, sinceUs: number, untilUs: number) =>
      (isAnomalous ? anomalous : all).get(sinceUs, untilUs, STEP - 1)
  }

  function flows(filter: RecordFilter): Page<StoredFlow> {
    const last = filter.last || DEFAULT_LAST
    const { isAnomalous, conditions } = narrowed(filter)
    const { sinceUs, untilUs: newestUs } = rangeUs(filter)
    const other = whereClause(conditions)
    const where = ` WHERE last_us BETWEEN ? AND ?${and(other)}`
    const from = source(isAnomalous)
    const count = database.prepare<unknown[], number>(`SELECT count(*) FROM ${from}${where}`).pluck()
    const newest = database
      .prepare<unknown[], FlowRow>(`SELECT * FROM ${from}${where} ORDER BY last_us DESC, id DESC LIMIT ?`)
      .raw()
    const rows: StoredFlow[] = []
    let total = 0
    const startMs = performance.now()
    for (let untilUs = newestUs; ; ) {
      const fromUs = stepBack(isAnomalous, sinceUs, untilUs)
      const values = [fromUs ?? sinceUs, untilUs, ...other.values]
      const found = count.get(...values) ?? 0
      if (found > 0 && rows.length < last)
        rows.push(...newest.all(...values, last - rows.length).map(readFlow))
      total += found
      if (fromUs === undefined || fromUs <= sinceUs) return { rows, total }
      const share = rows.length < last ? 1 : COUNT_SHARE
      if (performance.now() - startMs > limitMs * share) return { rows, total, isPartial: true }
      untilUs = fromUs - 1
    }
  }

  function flowsPage(filter: RecordFilter, after: FlowCursor | undefined, limit: number): FlowsPage {
    const { isAnomalous, conditions } = narrowed(filter)
    const { sinceUs, untilUs } = rangeUs(filter)
    const other = whereClause(conditions)
    const found = database
      .prepare<unknown[], FlowRow>(
        `SELECT * FROM ${source(isAnomalous)} WHERE last_us BETWEEN ? AND ? AND (last_us > ? OR id > ?)${and(other)}
         ORDER BY last_us, id LIMIT ?`,
      )
      .raw()
    const rows: StoredFlow[] = []
    let cursor = after ?? { lastUs: sinceUs, id: -1 }
    const stopMs = performance.now() + Math.min(limitMs, PAGE_LIMIT_MS)
    for (;;) {
      const stepUs = stepForth(isAnomalous, cursor.lastUs, untilUs)
      // A step that ends where it began would see the same flows for ever: then one goes to the end.
      const toUs = stepUs === undefined || stepUs === cursor.lastUs ? untilUs : stepUs
      const values = [cursor.lastUs, toUs, cursor.lastUs, cursor.id, ...other.values]
      rows.push(...found.all(...values, limit - rows.length).map(readFlow))
      const lastFlow = rows.at(-1)?.flow
      if (rows.length >= limit && lastFlow !== undefined) {
        return { rows, next: { lastUs: lastFlow.lastUs, id: lastFlow.id } }
      }
      if (toUs === untilUs) return { rows, next: undefined }
      cursor = { lastUs: toUs, id: MAX_US }
      if (performance.now() > stopMs) return { rows, next: cursor }
    }
  }

  return { flows, flowsPage }
}

function source(isAnomalous: boolean): string {
  return `flows INDEXED BY ${isAnomalous ? 'flows_anomalous' : 'flows_by_time'}`
}

function and({ sql }: Condition): string {
  return sql.replace(' WHERE ', ' AND ')
}

function rangeUs({ sinceMs = 0, untilMs = 0 }: RecordFilter) {
  return { sinceUs: sinceMs * 1_000, untilUs: untilMs > 0 ? untilMs * 1_000 + 999 : MAX_US }
}

/** All but time, and whether the index of anomalous flows holds everything that matches. */
function narrowed({ target, port, minScore = 0, anomalousFrom }: RecordFilter) {
  const conditions: Condition[] = []
  if (target !== undefined) {
    const range = flowKeyRange(target)
    conditions.push({
      sql: '(src_key BETWEEN ? AND ? OR dst_key BETWEEN ? AND ?)',
      values: [...range, ...range],
    })
  }
  if (port) conditions.push({ sql: '? IN (src_port, dst_port)', values: [port] })
  if (minScore > 0) conditions.push({ sql: 'score >= ?', values: [minScore] })
  if (anomalousFrom !== undefined) {
    conditions.push({ sql: '(score >= ? OR reasons <> 0)', values: [anomalousFrom] })
  }
  const isAnomalous = minScore >= ANOMALOUS_FROM || (anomalousFrom ?? 0) >= ANOMALOUS_FROM
  if (isAnomalous) conditions.push({ sql: `(${ANOMALOUS})`, values: [] })
  return { isAnomalous, conditions }
}
