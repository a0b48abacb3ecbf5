/** Alerts: stored with the flows that they cite, found by source, detector, severity, port and time. */

import type { Database } from 'better-sqlite3'
import type { FlowRecord } from '../decode/flow-record.js'
import { addressRange, parseTarget } from '../policy/address.js'
import type { Alert, NewAlert } from './alert.js'
import { readEvidence, writeEvidence } from './evidence-json.js'
import {
  DEFAULT_LAST,
  insideCondition,
  oneOfCondition,
  type Page,
  type RecordFilter,
  timeConditions,
  whereClause,
} from './filter.js'

export interface AlertTable {
  /** Stores one; its flows are the caller's. */
  insertAlert(alert: NewAlert): Alert
  alert(number: number): Alert | undefined
  alerts(filter: RecordFilter): Page<Alert>
  /** Those with a higher number, the lowest first. */
  alertsAfter(number: number, limit: number): Alert[]
}

interface AlertRow {
  readonly number: number
  readonly decision_number: number
  readonly evidence: string
}

const COLUMNS = 'number, decision_number, evidence'

export function createAlertTable(database: Database): AlertTable {
  const insert = database.prepare(`
    INSERT INTO alerts (at_ms, source_key, ports, decision_number, evidence, detector, severity, source)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const cite = database.prepare('INSERT OR IGNORE INTO alert_flows VALUES (?, ?)')
  const byNumber = database.prepare<[number], AlertRow>(`SELECT ${COLUMNS} FROM alerts WHERE number = ?`)
  const after = database.prepare<[number, number], AlertRow>(
    `SELECT ${COLUMNS} FROM alerts WHERE number > ? ORDER BY number LIMIT ?`,
  )

  return {
    insertAlert: ({ evidence, decisionNumber }) => {
      const { first } = addressRange(parseTarget(evidence.source, 'source'))
      const { lastInsertRowid } = insert.run(
        evidence.atMs,
        Buffer.from(first),
        portList(evidence.flows),
        decisionNumber,
        writeEvidence(evidence),
        evidence.detector,
        evidence.severity,
        evidence.source,
      )
      const number = Number(lastInsertRowid)
      for (const { id } of evidence.flows) cite.run(id, number)
      return { number, evidence, decisionNumber }
    },
    alert: (number) => {
      const row = byNumber.get(number)
      return row === undefined ? undefined : readAlert(row)
    },
    alerts: (filter) => {
      const { sql, values } = whereClause([
        ...timeConditions('at_ms', filter),
        ...insideCondition('source_key', filter.target),
        ...oneOfCondition('detector', filter.detectors),
        ...oneOfCondition('severity', filter.severities),
        ...(filter.port ? [{ sql: 'instr(ports, ?) > 0', values: [`,${filter.port},`] }] : []),
      ])
      const rows = database
        .prepare<unknown[], AlertRow>(`SELECT ${COLUMNS} FROM alerts${sql} ORDER BY number DESC LIMIT ?`)
        .all(...values, filter.last || DEFAULT_LAST)
      const total = database
        .prepare<unknown[], number>(`SELECT count(*) FROM alerts${sql}`)
        .pluck()
        .get(...values)
      return { rows: rows.map(readAlert), total: total ?? 0 }
    },
    alertsAfter: (number, limit) => after.all(number, limit).map(readAlert),
  }
}

/** `,22,51000,`: each port between commas, so that one can be looked for. */
function portList(flows: readonly FlowRecord[]): string {
  const ports = new Set(flows.flatMap(({ srcPort, dstPort }) => [srcPort, dstPort]))
  return `,${[...ports].join(',')},`
}

function readAlert(row: AlertRow): Alert {
  return { number: row.number, evidence: readEvidence(row.evidence), decisionNumber: row.decision_number }
}
