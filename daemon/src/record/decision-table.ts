/** Decisions: made, ended, found again with their evidence. */

import type { Database } from 'better-sqlite3'
import type {
  Decision,
  DecisionState,
  EntryHits,
  HitReading,
  KeptHits,
  LadderName,
  Limit,
} from '../enforce/decision.js'
import { NotFoundError } from '../errors.js'
import { addressRange, parseTarget } from '../policy/address.js'
import type { LastStep } from '../policy/ladder.js'
import { readEvidenceList, writeEvidence } from './evidence-json.js'
import {
  type Condition,
  DEFAULT_LAST,
  overlapCondition,
  type Page,
  type RecordFilter,
  timeConditions,
  whereClause,
} from './filter.js'
import { createSettledMaps } from './settled-maps.js'

export type NewDecision = Omit<Decision, 'number' | 'state' | 'endedAtMs'>

/** With the number that was reserved for it, where one was. */
export type NumberedDecision = NewDecision & { readonly number?: number }

export interface DecisionTable {
  /** A number that no decision has, for one that is in force before it is stored. Writes nothing. */
  reserveDecision(): number
  insertDecision(decision: NumberedDecision): Decision
  /** @param hits what it met in all; left as saved when not given */
  endDecision(number: number, state: DecisionState, endedAtMs: number, hits?: KeptHits): Decision
  /**
   * Keeps what decisions met so far, one transaction for all. A decision that is not stored is left out.
   * @param settled maps that are in these totals to their end: they are never asked again
   */
  saveHits(hits: Iterable<readonly [number: number, hits: KeptHits]>, settled?: readonly number[]): void
  /** Readings of these maps, by decision; undefined where the maps are settled. */
  hitReadings(maps: number): ReadonlyMap<number, HitReading> | undefined
  /** What a decision met, as it was last saved; undefined when nothing was. */
  hits(number: number): EntryHits | undefined
  decision(number: number): Decision | undefined
  activeDecisions(): Decision[]
  /**
   * Operators' decisions that ended by a wall clock which was wrong: by the one that is given they are made and not over.
   * They are active again. @param nowMs wall time, ms
   */
  reviveDecisions(nowMs: number): Decision[]
  /**
   * Automatic decisions that drop or reject exactly this address, made since then and longer than so long, active ones
   * too. What an operator lifted does not count.
   * @param sinceMs wall time, ms
   */
  repeats(address: string, sinceMs: number, longerThanMs: number): number
  /**
   * The step of a ladder that was last taken against exactly this target, by a decision that no operator lifted.
   * @param sinceMs wall time from when on it was made, ms
   */
  lastStep(target: string, ladder: LadderName, sinceMs: number): LastStep | undefined
  /** @param hasEvidence without it many are read in little time: their evidence is empty. Default true */
  decisions(filter: RecordFilter, all?: boolean, hasEvidence?: boolean): Page<Decision>
}

interface HitsRow {
  readonly packets: number
  readonly bytes: number
  readonly last_seen_ms: number
  readonly passed: number
  readonly limited: number
}

interface Row {
  readonly number: number
  readonly target: string
  readonly action: string
  readonly kind: string
  readonly origin: string
  readonly mode: string
  readonly reason: string
  readonly created_by: string
  readonly created_ms: number
  readonly expires_ms: number
  readonly state: string
  readonly ended_ms: number
  readonly evidence: string
  /** '' without a limit. */
  readonly limit_unit: string
  readonly limit_per_second: number
  readonly spares_flows: number
  /** '' without a step. */
  readonly ladder: string
  readonly step: number
}

/** A row whose evidence is not read. */
const HEAD = `number, target, action, kind, origin, mode, reason, created_by, created_ms, expires_ms, state, ended_ms,
  limit_unit, limit_per_second, spares_flows, ladder, step, '[]' AS evidence`

const ACTIVE: Condition = { sql: `state = 'active'`, values: [] }

export function createDecisionTable(database: Database): DecisionTable {
  const insert = database.prepare(`
    INSERT INTO decisions (number, target, first_key, last_key, action, origin, mode, reason, created_by, created_ms,
      expires_ms, state, ended_ms, evidence, kind, limit_unit, limit_per_second, spares_flows, ladder, step)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', 0, ?, ?, ?, ?, ?, ?, ?)`)
  const claim = database.prepare(
    `UPDATE alerts SET decision_number = ?
     WHERE decision_number = 0 AND source_key = ? AND at_ms = ? AND detector = ?`,
  )
  const end = database.prepare('UPDATE decisions SET state = ?, ended_ms = ? WHERE number = ?')
  const byNumber = database.prepare<[number], Row>('SELECT * FROM decisions WHERE number = ?')
  const putHits = database.prepare<number[]>(
    `INSERT OR REPLACE INTO decision_hits (number, packets, bytes, last_seen_ms, passed, limited, maps, read_packets,
       read_bytes, read_passed, read_limited)
     SELECT number, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM decisions WHERE number = ?`,
  )
  const readings = database.prepare<[number], HitReading & { readonly number: number }>(
    `SELECT number, maps, read_packets AS packets, read_bytes AS bytes, read_passed AS passed, read_limited AS limited
     FROM decision_hits WHERE maps = ?`,
  )
  const settledMaps = createSettledMaps(database)
  const hitsOf = database.prepare<[number], HitsRow>('SELECT * FROM decision_hits WHERE number = ?')
  const repeats = database
    .prepare<[Buffer, Buffer, number, number], number>(
      `SELECT count(*) FROM decisions
       WHERE first_key = ? AND last_key = ? AND created_ms >= ? AND expires_ms - created_ms > ?
         AND kind = 'block' AND action IN ('drop', 'reject') AND origin IN ('detector', 'model')
         AND state <> 'lifted'`,
    )
    .pluck()
  const lastStep = database.prepare<[Buffer, Buffer, string, number], LastStep>(
    `SELECT step, expires_ms AS endMs FROM decisions
     WHERE first_key = ? AND last_key = ? AND ladder = ? AND created_ms >= ? AND state <> 'lifted'
     ORDER BY number DESC LIMIT 1`,
  )
  const active = database.prepare<[], Row>(`SELECT * FROM decisions WHERE state = 'active' ORDER BY number`)

  // The clock is set while packets wait: without their own index, all decisions that there ever were are gone through.
  const revive = database.prepare<[number, number], Row>(
    `UPDATE decisions INDEXED BY decisions_revivable SET state = 'active', ended_ms = 0
     WHERE state = 'expired' AND origin = 'operator' AND created_ms <= ? AND expires_ms > ? RETURNING *`,
  )

  /** Of all that were ever made, those that left included. */
  let highest =
    database.prepare<[], number>(`SELECT seq FROM sqlite_sequence WHERE name = 'decisions'`).pluck().get() ??
    0

  function find(number: number): Decision | undefined {
    const row = byNumber.get(number)
    return row === undefined ? undefined : readDecision(row)
  }

  function writeHits(number: number, { packets, bytes, lastSeenMs, limitCounts, reading }: KeptHits): void {
    const total = [packets, bytes, lastSeenMs, limitCounts?.passed ?? 0, limitCounts?.limited ?? 0]
    const { maps, ...read } = reading ?? { maps: 0, packets: 0, bytes: 0, passed: 0, limited: 0 }
    putHits.run(...total, maps, read.packets, read.bytes, read.passed, read.limited, number)
  }

  return {
    reserveDecision: () => ++highest,
    insertDecision: database.transaction(
      ({ number = highest + 1, ...decision }: NumberedDecision): Decision => {
        const { first, last } = addressRange(parseTarget(decision.target, 'target'))
        insert.run(
          number,
          decision.target,
          Buffer.from(first),
          Buffer.from(last),
          decision.action,
          decision.origin,
          decision.mode,
          decision.reason,
          decision.createdBy,
          decision.createdAtMs,
          decision.expiresAtMs,
          writeEvidence(decision.evidence),
          decision.kind,
          decision.limit?.unit ?? '',
          decision.limit?.perSecond ?? 0,
          decision.sparesFlows ? 1 : 0,
          decision.ladder?.name ?? '',
          decision.ladder?.step ?? 0,
        )
        highest = Math.max(highest, number)
        // Alerts from before that it rests on: they live as long as it does.
        for (const { source, atMs, detector } of decision.evidence) {
          const key = addressRange(parseTarget(source, 'source')).first
          claim.run(number, Buffer.from(key), atMs, detector)
        }
        return { ...decision, number, state: 'active', endedAtMs: 0 }
      },
    ),
    endDecision: database.transaction(
      (number: number, state: DecisionState, endedAtMs: number, hits?: KeptHits) => {
        end.run(state, endedAtMs, number)
        const decision = find(number)
        if (decision === undefined) throw new NotFoundError(`there is no decision d${number}`)
        if (hits !== undefined) writeHits(number, hits)
        return decision
      },
    ),
    saveHits: database.transaction(
      (all: Iterable<readonly [number, KeptHits]>, settled: readonly number[] = []) => {
        for (const [number, hits] of all) writeHits(number, hits)
        settledMaps.add(settled)
      },
    ),
    hitReadings: (maps) =>
      !settledMaps.has(maps)
        ? new Map(readings.all(maps).map(({ number, ...reading }) => [number, reading]))
        : undefined,
    hits: (number) => {
      const row = hitsOf.get(number)
      if (row === undefined) return undefined
      const { packets, bytes, last_seen_ms: lastSeenMs, passed, limited } = row
      const total = { packets, bytes, lastSeenMs }
      return passed + limited === 0 ? total : { ...total, limitCounts: { passed, limited } }
    },
    decision: find,
    reviveDecisions: (nowMs) => revive.all(nowMs, nowMs).map(readDecision),
    activeDecisions: () => active.all().map(readDecision),
    repeats: (address, sinceMs, longerThanMs) => {
      const { first, last } = addressRange(parseTarget(address, 'address'))
      return repeats.get(Buffer.from(first), Buffer.from(last), sinceMs, longerThanMs) ?? 0
    },
    lastStep: (target, ladder, sinceMs) => {
      const { first, last } = addressRange(parseTarget(target, 'target'))
      return lastStep.get(Buffer.from(first), Buffer.from(last), ladder, sinceMs)
    },
    decisions: (filter, all = true, hasEvidence = true) => {
      const { sql, values } = whereClause([
        ...(all ? [] : [ACTIVE]),
        ...timeConditions('created_ms', filter),
        ...overlapCondition(filter.target),
      ])
      const rows = database
        .prepare<unknown[], Row>(
          `SELECT ${hasEvidence ? '*' : HEAD} FROM decisions${sql} ORDER BY number DESC LIMIT ?`,
        )
        .all(...values, filter.last || DEFAULT_LAST)
      const total = database
        .prepare<unknown[], number>(`SELECT count(*) FROM decisions${sql}`)
        .pluck()
        .get(...values)
      return { rows: rows.map(readDecision), total: total ?? 0 }
    },
  }
}

/** What the columns hold was written by insertDecision from the same types. */
function readDecision(row: Row): Decision {
  return {
    number: row.number,
    target: row.target,
    action: row.action as Decision['action'],
    kind: row.kind as Decision['kind'],
    origin: row.origin as Decision['origin'],
    mode: row.mode as Decision['mode'],
    reason: row.reason,
    createdBy: row.created_by,
    createdAtMs: row.created_ms,
    expiresAtMs: row.expires_ms,
    state: row.state as DecisionState,
    endedAtMs: row.ended_ms,
    evidence: readEvidenceList(row.evidence),
    ...(row.limit_unit === ''
      ? {}
      : { limit: { unit: row.limit_unit as Limit['unit'], perSecond: row.limit_per_second } }),
    ...(row.spares_flows === 1 ? { sparesFlows: true as const } : {}),
    ...(row.ladder === '' ? {} : { ladder: { name: row.ladder as LadderName, step: row.step } }),
  }
}
