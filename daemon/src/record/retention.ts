/** Keeps the store within an age and a size: the oldest flows leave first. */

import type { Database } from 'better-sqlite3'

export interface Retention {
  /** Flows, and alerts without a decision, leave at this age, ms. Default 7 days. */
  readonly maxAgeMs?: number
  /** Ended decisions, their alerts and the audit leave at this age, ms. Default 365 days. */
  readonly maxDecisionAgeMs?: number
  /** Flows leave until what is stored takes at most so many bytes. Default 2 GiB. */
  readonly maxBytes?: number
  /** Flows and alerts taken out by one call at most, so that it stays short. Default 2,000. */
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

/** @returns a function that takes out what is over at `nowMs` (wall time, ms) */
export function createPruner(database: Database): (nowMs: number, retention?: Retention) => Pruned {
  const oldFlows = database.prepare(
    'DELETE FROM flows WHERE id IN (SELECT id FROM flows WHERE last_us < ? ORDER BY last_us LIMIT ?)',
  )
  const oldestFlows = database.prepare(
    'DELETE FROM flows WHERE id IN (SELECT id FROM flows ORDER BY last_us LIMIT ?)',
  )
  const oldAlerts = database.prepare(`
    DELETE FROM alerts WHERE number IN (
      SELECT number FROM alerts WHERE at_ms < ? AND (decision_number = 0 OR NOT EXISTS (
        SELECT 1 FROM decisions WHERE decisions.number = alerts.decision_number)) LIMIT ?)`)
  const oldDecisions = database.prepare(
    `DELETE FROM decisions WHERE created_ms < ? AND state <> 'active' AND ended_ms < ?`,
  )
  const oldAudit = database.prepare('DELETE FROM audit WHERE at_ms < ?')

  function isOver(maxBytes: number): boolean {
    const pragma = (name: string): number => Number(database.pragma(name, { simple: true }))
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size') > maxBytes
  }

  function pruneOnce(nowMs: number, retention: Retention): Pruned {
    const {
      maxAgeMs = 7 * DAY_MS,
      maxDecisionAgeMs = 365 * DAY_MS,
      maxBytes = 2 ** 31,
      maxRows = 2_000,
    } = retention
    const decisionMs = nowMs - maxDecisionAgeMs
    const decisions = oldDecisions.run(decisionMs, decisionMs).changes
    const auditRows = oldAudit.run(decisionMs).changes
    const alerts = oldAlerts.run(nowMs - maxAgeMs, maxRows).changes
    const aged = oldFlows.run((nowMs - maxAgeMs) * 1_000, maxRows).changes
    const surplus = aged < maxRows && isOver(maxBytes) ? oldestFlows.run(maxRows - aged).changes : 0
    const flows = aged + surplus
    const isDone = alerts < maxRows && aged < maxRows && (surplus === 0 || !isOver(maxBytes))
    return { flows, alerts, decisions, auditRows, isDone }
  }

  const prune = database.transaction(pruneOnce)
  return (nowMs, retention = {}) => prune(nowMs, retention)
}
