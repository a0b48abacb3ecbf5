/**
 * Flows and alerts. Alerts and the flows that they cite are stored at once; every other flow waits in memory for a
 * second, is written once instead of at each of its records, and in slices, so that no batch is held up. Whoever kills
 * the daemon outright takes about that second of flows with it, never an alert or a decision.
 */

import Sqlite, { type Database } from 'better-sqlite3'
import type { FlowRecord } from '../decode/flow-record.js'
import type { Alert, NewAlert } from './alert.js'
import { type AlertTable, createAlertTable } from './alert-table.js'
import { createFeatureReader, featureSetNumber, type StoredFeatures } from './feature-sets.js'
import { reasonBit } from './flow-reasons.js'
import { type FlowRow, readFlow, type StoredFlow } from './flow-rows.js'
import { createFlowSearch, type FlowSearch } from './flow-search.js'
import { createFlowWriter } from './flow-writer.js'
import { createWaitingFlows, mergeFlow, type WaitingFlow } from './waiting-flows.js'

export interface Batch {
  /** Records in any order; `opened` records and transit flows are passed over, unless an alert cites them. */
  readonly flows: readonly FlowRecord[]
  /** Of `flows` in their order, in [0, 1]; NaN where a flow was not scored. */
  readonly scores: Float32Array | readonly number[]
  readonly alerts: readonly NewAlert[]
  /** Of flows of this batch that wantsFeatures. */
  readonly features?: readonly FlowFeatures[]
}

export interface FlowFeatures {
  readonly flowId: number
  /** Score that they gave, in [0, 1]; NaN when the flow was not scored. The ones of the highest score stay. */
  readonly score: number
  /** All columns, in the order of `featureNames`; copied. */
  readonly values: Float32Array | Float64Array
}

export interface FlowCounts {
  /** Flows in memory that are not written yet. */
  readonly waiting: number
  /** Flows that were never written, because the store took nothing for too long. */
  readonly dropped: number
}

export interface Journal extends Omit<AlertTable, 'insertAlert'>, FlowSearch {
  /**
   * Takes the flows into memory. Alerts are stored with what they cite before it returns, in one transaction.
   * @returns the alerts with their numbers
   */
  append(batch: Batch): Alert[]
  /**
   * Writes flows that waited long enough, a transaction a slice; for few of them it waits a little longer. When it
   * throws, the flows wait on, and for a second nothing is tried.
   * @param budgetMs it ends with the slice in which so long has passed; the later the flows are, the longer. Default 2
   * @returns flows written
   */
  flush(budgetMs?: number): number
  flowCounts(): FlowCounts
  /** The last that is known of one flow. */
  flow(id: number): StoredFlow | undefined
  features(flowId: number): StoredFeatures | undefined
}

export interface JournalOptions {
  /** Longest search for flows, ms. */
  readonly searchLimitMs: number
  readonly featureNames: readonly string[]
  readonly maxWaitingFlows: number
  readonly flowWaitMs: number
  /** Never goes back. */
  readonly uptimeMs: () => number
}

/** Flows of one transaction: about half a ms. */
const SLICE = 128
/** Less than a slice waits so much longer, ms: a transaction costs as much as 8 flows. */
const GATHER_MS = 200
/** So many flows wait when some 8,000 come every second. */
const BUSY = 8_192
/** A score that people look for, in [0, 1]. */
const ANOMALOUS_SCORE = 0.5
/** A flow that waits so much too long, ms, doubles the budget. */
const LATE_MS = 500
const RETRY_MS = 1_000
/** How long a search may write first, ms. */
const SETTLE_MS = 50

/** @returns also `flushAll`, which writes everything that waits */
export function createJournal(database: Database, options: JournalOptions): Journal & { flushAll(): void } {
  const { searchLimitMs, featureNames, flowWaitMs, uptimeMs } = options
  const waiting = createWaitingFlows(options.maxWaitingFlows)
  const writeFlow = createFlowWriter(database, featureSetNumber(database, featureNames))
  const readFeatures = createFeatureReader(database)
  const { insertAlert, alert, alerts, alertsAfter } = createAlertTable(database)
  const { flows, flowsPage } = createFlowSearch(database, searchLimitMs)
  const byId = database.prepare<[number], FlowRow>('SELECT * FROM flows WHERE id = ?').raw()
  const gatherMs = Math.min(GATHER_MS, flowWaitMs)
  let retryAtMs = Number.NEGATIVE_INFINITY

  /**
   * When very many flows come, a closed connection that stands as closed is not written again because the kernel made room:
   * its row lies anywhere, and would cost more than ten new ones.
   */
  function isToldAlready({ id, kind, endReason, tcpState }: FlowRecord, score: number): boolean {
    if (kind !== 'ended' || endReason !== 'pressure' || tcpState !== 'ready') return false
    return waiting.size > BUSY && !(score >= ANOMALOUS_SCORE) && waiting.get(id) === undefined
  }

  function takeIn({ flows, scores, features = [] }: Batch): void {
    const nowMs = uptimeMs()
    for (let i = 0; i < flows.length; i++) {
      const flow = flows[i]!
      const score = scores[i] ?? Number.NaN
      if (flow.kind === 'opened' || flow.isTransit || isToldAlready(flow, score)) continue
      waiting.put(flow, score, nowMs)
    }
    for (const { flowId, score, values } of features) {
      const found = waiting.get(flowId)
      if (found === undefined || values.length !== featureNames.length) continue
      if (found.features !== undefined && rank(found.features.score) > rank(score)) continue
      found.features = { values: Float32Array.from(values), score }
    }
  }

  /** The flows that the alerts cite, each once, with what waits of them. */
  function cited(alerts: readonly NewAlert[]): Set<WaitingFlow> {
    const known = new Map<number, WaitingFlow>()
    for (const { evidence } of alerts) {
      const bit = reasonBit(evidence.detector)
      evidence.flows.forEach((flow, i) => {
        const score = evidence.scores[i] ?? Number.NaN
        const found = known.get(flow.id) ?? waiting.get(flow.id) ?? asCited(flow)
        mergeFlow(found, flow, score)
        found.reasons |= bit
        known.set(flow.id, found)
      })
    }
    return new Set(known.values())
  }

  const writeSlice = database.transaction((slice: readonly WaitingFlow[]) => {
    for (const one of slice) writeFlow(one)
  })

  const writeAlerts = database.transaction((alerts: readonly NewAlert[], flows: Set<WaitingFlow>) => {
    for (const flow of flows) writeFlow(flow)
    return alerts.map(insertAlert)
  })

  /** @param next what to write next; it ends when there is nothing */
  function write(next: () => WaitingFlow[], budgetMs: number): number {
    let written = 0
    const stopMs = performance.now() + budgetMs
    for (let slice = next(); slice.length > 0; slice = next()) {
      writeSlice(slice)
      waiting.takeOut(slice)
      written += slice.length
      if (performance.now() >= stopMs) break
    }
    return written
  }

  /** Writes before a search, so that it finds what was just seen. A store that takes nothing can still be read. */
  function settle(next: () => WaitingFlow[]): void {
    if (uptimeMs() < retryAtMs) return
    try {
      write(next, SETTLE_MS)
    } catch (fault) {
      if (!(fault instanceof Sqlite.SqliteError)) throw fault
      retryAtMs = uptimeMs() + RETRY_MS
    }
  }

  /** The latest first: it is what people ask for. */
  function settleAll(): void {
    settle(() => waiting.newest(SLICE))
  }

  function settleOne(flowId: number): void {
    settle(() => [waiting.get(flowId)].filter((found) => found !== undefined))
  }

  return {
    append(batch) {
      takeIn(batch)
      if (batch.alerts.length === 0) return []
      const flows = cited(batch.alerts)
      const stored = writeAlerts(batch.alerts, flows)
      waiting.takeOut(flows)
      return stored
    },
    flush(budgetMs = 2) {
      const nowMs = uptimeMs()
      if (nowMs < retryAtMs) return 0
      const dueMs = nowMs - flowWaitMs
      const due = () => waiting.oldest(dueMs, SLICE)
      const slice = due()
      const lateMs = dueMs - (slice[0]?.sinceMs ?? dueMs)
      if (slice.length < SLICE && lateMs < gatherMs) return 0
      try {
        return write(due, budgetMs * (1 + lateMs / LATE_MS))
      } catch (fault) {
        retryAtMs = nowMs + RETRY_MS
        throw fault
      }
    },
    flushAll: () =>
      void write(() => waiting.oldest(Number.POSITIVE_INFINITY, SLICE), Number.POSITIVE_INFINITY),
    flowCounts: () => ({ waiting: waiting.size, dropped: waiting.dropped }),
    flow(id) {
      settleOne(id)
      const row = byId.get(id)
      return row === undefined ? undefined : readFlow(row)
    },
    features(flowId) {
      settleOne(flowId)
      return readFeatures(flowId)
    },
    flows(filter) {
      settleAll()
      return flows(filter)
    },
    flowsPage(filter, after, limit) {
      if (after === undefined) settleAll()
      return flowsPage(filter, after, limit)
    },
    alert,
    alerts,
    alertsAfter,
  }
}

/** A flow of which nothing waits. */
function asCited(flow: FlowRecord): WaitingFlow {
  return { flow, score: Number.NaN, reasons: 0, features: undefined, sinceMs: 0, isOut: true }
}

/** No score is below every score. */
function rank(score: number): number {
  return Number.isNaN(score) ? -1 : score
}
