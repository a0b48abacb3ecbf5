/**
 * Keeps the store within an age and a size. To make room, flows leave before alerts and decisions: benign ones first,
 * the oldest first, but before a flow of the last minutes all older ones. What a decision rests on lives as long as it.
 */

import type { Database } from 'better-sqlite3'

export interface Retention {
  /** Flows, and alerts without a decision, leave at this age, ms. Default 7 days. */
  readonly maxAgeMs?: number
  /** Ended decisions, their alerts and the audit leave at this age, ms. Default 365 days. */
  readonly maxDecisionAgeMs?: number
  /** Flows leave until what is stored takes at most so many bytes; then alerts and ended decisions. Default 2 GiB. */
  readonly maxBytes?: number
  /** Rows looked at by one call at most, so that it stays short. Default 500. */
  readonly maxRows?: number
}

export interface Pruned {
  readonly flows: number
  readonly alerts: number
  readonly decisions: number
  readonly auditRows: number
  /** False: there is more to take out; call again. */
  readonly isDone: boolean
}

const DAY_MS = 86_400_000
const DEFAULTS: Required<Retention> = {
  maxAgeMs: 7 * DAY_MS,
  maxDecisionAgeMs: 365 * DAY_MS,
  maxBytes: 2 ** 31,
  maxRows: 500,
}
/** Flows younger than this leave for room only when there are no older ones. */
const FRESH_MS = 600_000
/** Ended decisions of one call: their evidence is long. */
const SHARE_OF_DECISIONS = 1 / 20

const BENIGN = '(score IS NULL OR score < 0.5) AND reasons = 0'
const ANOMALOUS = 'score >= 0.5 OR reasons <> 0'
/** Alerts of no stored decision: numbers from 2^31 are decisions that live in memory (sturdy-decisions.ts). */
const IS_UNDECIDED = 'decision_number = 0 OR decision_number >= 2147483648'
/** Cited by an alert of a decision that is there. */
const IS_PINNED = `reasons <> 0 AND EXISTS (
  SELECT 1 FROM alert_flows JOIN alerts ON alerts.number = alert_number
  WHERE flow_id = flows.id AND NOT (${IS_UNDECIDED}))`

type Found = Partial<Omit<Pruned, 'isDone'>>

/** One thing that may leave. @returns what left, and whether nothing is left to look at */
type Phase = (nowMs: number, limit: number, retention: Required<Retention>) => Found & { isAtEnd: boolean }

/** @returns a function that takes out what is over at `nowMs` (wall time, ms) */
export function createPruner(database: Database): (nowMs: number, retention?: Retention) => Pruned {
  const aged = createWalk(database, 'flows_by_time', 'true')
  const benign = createWalk(database, 'flows_by_time', BENIGN)
  const anomalous = createWalk(database, 'flows_anomalous', ANOMALOUS)
  const oldAlerts = database.prepare<[number, number]>(`
    DELETE FROM alerts WHERE number IN (
      SELECT number FROM alerts INDEXED BY alerts_undecided
      WHERE at_ms < ? AND (${IS_UNDECIDED}) ORDER BY at_ms LIMIT ?)`)
  const endedDecisions = database.prepare<[number, number, number]>(`
    DELETE FROM decisions WHERE number IN (
      SELECT number FROM decisions WHERE created_ms < ? AND state <> 'active' AND ended_ms < ?
      ORDER BY created_ms LIMIT ?)`)
  const oldAudit = database.prepare<[number, number]>(
    'DELETE FROM audit WHERE number IN (SELECT number FROM audit WHERE at_ms < ? ORDER BY at_ms LIMIT ?)',
  )

  const dropAlerts = (untilMs: number, limit: number) => {
    const alerts = oldAlerts.run(untilMs, limit).changes
    return { alerts, isAtEnd: alerts < limit }
  }
  const dropDecisions = (untilMs: number, limit: number) => {
    const most = Math.ceil(limit * SHARE_OF_DECISIONS)
    const decisions = endedDecisions.run(untilMs, untilMs, most).changes
    return { decisions, isAtEnd: decisions < most }
  }
  const fresh = (nowMs: number) => (nowMs - FRESH_MS) * 1_000

  /** What is too old. */
  const byAge: readonly Phase[] = [
    (nowMs, limit, { maxDecisionAgeMs }) => dropDecisions(nowMs - maxDecisionAgeMs, limit),
    (nowMs, limit, { maxDecisionAgeMs }) => {
      const auditRows = oldAudit.run(nowMs - maxDecisionAgeMs, limit).changes
      return { auditRows, isAtEnd: auditRows < limit }
    },
    (nowMs, limit, { maxAgeMs }) => dropAlerts(nowMs - maxAgeMs, limit),
    (nowMs, limit, { maxAgeMs }) => aged((nowMs - maxAgeMs) * 1_000 - 1, limit),
  ]
  /** What leaves as long as there is too much, the first one first. */
  const bySize: readonly Phase[] = [
    (nowMs, limit) => benign(fresh(nowMs), limit),
    (nowMs, limit) => anomalous(fresh(nowMs), limit),
    (_, limit) => benign(Number.MAX_SAFE_INTEGER, limit),
    (_, limit) => anomalous(Number.MAX_SAFE_INTEGER, limit),
    dropAlerts,
    dropDecisions,
    dropAlerts,
  ]
  const phases = [...byAge, ...bySize]
  let at = 0

  function isOver(maxBytes: number): boolean {
    const pragma = (name: string): number => Number(database.pragma(name, { simple: true }))
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size') > maxBytes
  }

  const run = database.transaction(
    (phase: Phase, ...given: Parameters<Phase>): ReturnType<Phase> => phase(...given),
  )

  return (nowMs, retention = {}) => {
    const given = { ...DEFAULTS, ...retention }
    const pruned = { flows: 0, alerts: 0, decisions: 0, auditRows: 0 }
    for (let left = given.maxRows; left > 0; ) {
      const isEnough = at >= byAge.length && !isOver(given.maxBytes)
      if (isEnough || at === phases.length) {
        at = 0
        return { ...pruned, isDone: true }
      }
      const { isAtEnd, ...found } = run(phases[at]!, nowMs, left, given)
      for (const [name, count = 0] of Object.entries(found)) {
        pruned[name as keyof typeof pruned] += count
        left -= count
      }
      if (!isAtEnd) break
      at++
    }
    return { ...pruned, isDone: false }
  }
}

/**
 * Goes through flows in the order of time, some at each call, and takes out those that may leave; at the end it begins
 * anew. So what has to stay is not looked at over and over.
 * @param condition flows that may leave, unless they are pinned
 */
function createWalk(database: Database, index: 'flows_by_time' | 'flows_anomalous', condition: string) {
  const ofIndex = index === 'flows_anomalous' ? ` AND (${ANOMALOUS})` : ''
  const from = `FROM flows INDEXED BY ${index} WHERE last_us BETWEEN ? AND ?${ofIndex}`
  const stepEnd = database
    .prepare<[number, number, number], number>(`SELECT last_us ${from} ORDER BY last_us LIMIT 1 OFFSET ?`)
    .pluck()
  const leave = database.prepare<[number, number]>(
    `DELETE FROM flows WHERE id IN (SELECT id ${from} AND (${condition}) AND NOT (${IS_PINNED}))`,
  )
  let sinceUs = 0
  return (untilUs: number, limit: number): { flows: number; isAtEnd: boolean } => {
    const endUs = stepEnd.get(sinceUs, untilUs, limit - 1)
    const flows = leave.run(sinceUs, endUs ?? untilUs).changes
    sinceUs = endUs === undefined ? 0 : endUs + 1
    return { flows, isAtEnd: endUs === undefined }
  }
}
