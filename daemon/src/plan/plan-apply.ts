/** Whom other settings of the policy would have blocked: the recorded alerts once more, by both. */

import type { Evidence } from '../detect/evidence.js'
import { createPoints, type PointsOptions } from '../policy/points.js'
import type { Page, RecordFilter } from '../record/filter.js'
import { type ApplyPlan, MAX_ROWS, type PlannedSource } from './plan.js'

/** What counts of the policy here. */
export interface PlannedPolicy extends PointsOptions {
  readonly blockAtPoints: number
}

export interface ApplyPlanOptions {
  readonly store: { alerts(filter: RecordFilter): Page<{ readonly evidence: Evidence }> }
  /** Wall time, ms. */
  readonly nowMs: () => number
}

const MAX_ALERTS = 10_000
/** Sources held at once, as the policy holds them. */
const MAX_SOURCES = 65_536
/** Other work has its turn after so many alerts. */
const SLICE = 1_000

/**
 * Points as the policy counts them, without proof of path and what was forgotten after a block.
 * @param sinceMs wall time, ms; 0 = all that is stored
 * @param isWanted the search ends when it says no
 */
export async function planApply(
  { store, nowMs }: ApplyPlanOptions,
  before: PlannedPolicy,
  after: PlannedPolicy,
  sinceMs: number,
  isWanted: () => boolean,
): Promise<ApplyPlan> {
  const untilMs = nowMs()
  const { rows, total } = store.alerts({ sinceMs, last: MAX_ALERTS })
  const evidence = rows.map((row) => row.evidence).sort((a, b) => a.atMs - b.atMs)
  const old = await reached(evidence, before, isWanted)
  const next = await reached(evidence, after, isWanted)
  return {
    sinceMs,
    untilMs,
    more: onlyIn(next, old),
    fewer: onlyIn(old, next),
    isPartial: total > rows.length,
  }
}

/** Sources that had enough points at some time. */
async function reached(
  evidence: readonly Evidence[],
  policy: PlannedPolicy,
  isWanted: () => boolean,
): Promise<Map<string, PlannedSource>> {
  const points = createPoints(policy, MAX_SOURCES)
  const found = new Map<string, PlannedSource>()
  for (const [i, one] of evidence.entries()) {
    if (i % SLICE === 0) {
      await new Promise((resolve) => setImmediate(resolve))
      if (!isWanted()) break
    }
    // The victim of many is nobody to block.
    if (one.about !== 'source') continue
    const { source, atMs } = one
    points.add(one)
    const sum = points.sum(points.live(source, atMs)).points
    if (sum < policy.blockAtPoints) continue
    const known = found.get(source)
    found.set(source, { source, points: Math.max(sum, known?.points ?? 0), atMs: known?.atMs ?? atMs })
  }
  return found
}

function onlyIn(here: Map<string, PlannedSource>, there: Map<string, PlannedSource>): PlannedSource[] {
  return [...here.values()]
    .filter(({ source }) => !there.has(source))
    .sort((a, b) => b.points - a.points)
    .slice(0, MAX_ROWS)
}
