/** Flows and alerts: written in batches, read newest first. */

import type { Database } from 'better-sqlite3'
import type { FlowRecord } from '../decode/flow-record.js'
import { createAddressKeys } from './address-keys.js'
import type { Alert, NewAlert } from './alert.js'
import { readEvidence, writeEvidence } from './evidence-json.js'
import {
  DEFAULT_LAST,
  insideCondition,
  type Page,
  type RecordFilter,
  timeConditions,
  whereClause,
} from './filter.js'
import { flowValues, RAISE_SCORE, type StoredFlow, UPSERT_FLOW } from './flow-rows.js'
import { createFlowSearch } from './flow-search.js'

export interface Batch {
  /** Records in any order; `opened` records and transit flows are passed over. */
  readonly flows: readonly FlowRecord[]
  /** Of `flows` in their order, in [0, 1]; NaN where a flow was not scored. */
  readonly scores: Float32Array | readonly number[]
  readonly alerts: readonly NewAlert[]
}

export interface Journal {
  /** One transaction: all or nothing. @returns the alerts with their numbers */
  append(batch: Batch): Alert[]
  flows(filter: RecordFilter): Page<StoredFlow>
  alerts(filter: RecordFilter): Page<Alert>
}

interface AlertRow {
  readonly number: number
  readonly decision_number: number
  readonly evidence: string
}

interface Latest {
  flow: FlowRecord
  score: number
}

/** @param searchLimitMs longest search for flows, ms */
export function createJournal(database: Database, searchLimitMs: number): Journal {
  const addressKey = createAddressKeys()
  const upsert = database.prepare(UPSERT_FLOW)
  const raiseScore = database.prepare(RAISE_SCORE)
  const insertAlert = database.prepare(
    'INSERT INTO alerts (at_ms, source_key, ports, decision_number, evidence) VALUES (?, ?, ?, ?, ?)',
  )

  function writeFlow({ flow, score }: Latest): void {
    const { changes } = upsert.run(flowValues(flow, score, addressKey))
    if (changes === 0 && !Number.isNaN(score)) raiseScore.run(score, score, flow.id)
  }

  function writeAlert({ evidence, decisionNumber }: NewAlert): Alert {
    const { lastInsertRowid } = insertAlert.run(
      evidence.atMs,
      addressKey(evidence.source),
      portList(evidence.flows),
      decisionNumber,
      writeEvidence(evidence),
    )
    return { number: Number(lastInsertRowid), evidence, decisionNumber }
  }

  const append = database.transaction(({ flows, scores, alerts }: Batch): Alert[] => {
    for (const latest of latestOfEach(flows, scores)) writeFlow(latest)
    return alerts.map(writeAlert)
  })

  return {
    append,
    flows: createFlowSearch(database, searchLimitMs),
    alerts: (filter) => {
      const { sql, values } = whereClause([
        ...timeConditions('at_ms', filter),
        ...insideCondition(['source_key'], filter.target),
        ...(filter.port ? [{ sql: 'instr(ports, ?) > 0', values: [`,${filter.port},`] }] : []),
      ])
      const rows = database
        .prepare<unknown[], AlertRow>(`SELECT * FROM alerts${sql} ORDER BY number DESC LIMIT ?`)
        .all(...values, filter.last || DEFAULT_LAST)
      const total = database
        .prepare<unknown[], number>(`SELECT count(*) FROM alerts${sql}`)
        .pluck()
        .get(...values)
      return { rows: rows.map(readAlert), total: total ?? 0 }
    },
  }
}

/** A flow appears many times in a batch: its last record with its highest score is written once. */
function latestOfEach(flows: readonly FlowRecord[], scores: Batch['scores']): Iterable<Latest> {
  const latest = new Map<number, Latest>()
  flows.forEach((flow, i) => {
    if (flow.kind === 'opened' || flow.isTransit) return
    const score = scores[i] ?? Number.NaN
    const known = latest.get(flow.id)
    if (known === undefined) {
      latest.set(flow.id, { flow, score })
      return
    }
    if (flow.seq >= known.flow.seq) known.flow = flow
    if (!(known.score >= score)) known.score = Number.isNaN(score) ? known.score : score
  })
  return latest.values()
}

/** `,22,51000,`: each port between commas, so that one can be looked for. */
function portList(flows: readonly FlowRecord[]): string {
  const ports = new Set(flows.flatMap(({ srcPort, dstPort }) => [srcPort, dstPort]))
  return `,${[...ports].join(',')},`
}

function readAlert(row: AlertRow): Alert {
  return { number: row.number, evidence: readEvidence(row.evidence), decisionNumber: row.decision_number }
}
