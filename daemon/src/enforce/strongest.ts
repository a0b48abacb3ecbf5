/** Which of several decisions about one target its map entry carries, and until when. Pure. */

import { type Acting, BAN, strengthOf } from '../policy/strength.js'
import type { Action, Decision, Mode } from './decision.js'

/** One for all, or the one of each decision: that of a tripped origin is `detect`. */
export type ModeOf = Mode | ((decision: Decision) => Mode)

/** In mode `detect` what idsd decides by itself only counts. */
export function effectiveAction(decision: Decision, mode: ModeOf): Action {
  const { action, origin } = decision
  if (action === 'count' || !isAutomatic(origin)) return action
  return (typeof mode === 'string' ? mode : mode(decision)) === 'detect' ? 'count' : action
}

export function isAutomatic(origin: Decision['origin']): boolean {
  return origin === 'detector' || origin === 'model'
}

/** What a decision does in this mode, with how much. */
export function effective(
  decision: Decision,
  mode: ModeOf,
): Pick<Decision, 'action' | 'limit' | 'sparesFlows'> {
  const action = effectiveAction(decision, mode)
  if (action === 'count') return { action }
  const { limit, sparesFlows } = decision
  return {
    action,
    ...(limit === undefined || action !== 'limit' ? {} : { limit }),
    ...(sparesFlows === undefined ? {} : { sparesFlows }),
  }
}

/**
 * Drop and reject before limit and SYN drop, those before count; who spares no flows before who does; then the operator
 * before all others, also on whether what is kept back is answered; then reject before drop, limit before SYN drop, the
 * lower limit; then the one that lasts longest.
 */
export function strongest(decisions: Iterable<Decision>, mode: ModeOf): Decision | undefined {
  const rank = (decision: Decision) => {
    const doing = effective(decision, mode)
    const { unit, perSecond = 0 } = doing.limit ?? {}
    return [
      strengthOf(doing),
      decision.origin === 'operator' ? 1 : 0,
      doing.action === 'reject' || doing.action === 'limit' ? 1 : 0,
      unit === 'packets' ? 1 : 0,
      -perSecond,
      decision.expiresAtMs === 0 ? Number.MAX_SAFE_INTEGER : decision.expiresAtMs,
      decision.number,
    ]
  }
  let best: Decision | undefined
  for (const decision of decisions) {
    if (best === undefined) {
      best = decision
      continue
    }
    const [mine, theirs] = [rank(decision), rank(best)]
    const at = mine.findIndex((value, i) => value !== theirs[i])
    if (at >= 0 && (mine[at] as number) > (theirs[at] as number)) best = decision
  }
  return best
}

/**
 * When the last of the decisions that do the same as `decision` is over: the kernel drops on when the first of them
 * ends, whether the daemon is there or not.
 * @returns wall time, ms; 0 = never
 */
export function lastEndMs(decision: Decision, decisions: Iterable<Decision>, mode: ModeOf): number {
  const doing = effective(decision, mode)
  let endMs = decision.expiresAtMs
  for (const other of decisions) {
    if (!isEqual(effective(other, mode), doing)) continue
    endMs = endMs === 0 || other.expiresAtMs === 0 ? 0 : Math.max(endMs, other.expiresAtMs)
  }
  return endMs
}

/**
 * From when on what `decision` does hangs on the daemon's beat: as soon as no decision of somebody else than idsd
 * itself does the same.
 * @returns wall time, ms; 0 = always; undefined = never
 */
export function leasedFromMs(
  decision: Decision,
  decisions: Iterable<Decision>,
  mode: ModeOf,
): number | undefined {
  const doing = effective(decision, mode)
  let fromMs = 0
  for (const other of decisions) {
    if (isAutomatic(other.origin) || !isEqual(effective(other, mode), doing)) continue
    if (other.expiresAtMs === 0) return undefined
    fromMs = Math.max(fromMs, other.expiresAtMs)
  }
  return fromMs
}

type Doing = Acting & Pick<Decision, 'limit'>

/** Whether the same packets pass: drop and reject differ only in the answer. */
function isEqual(a: Doing, b: Doing): boolean {
  if (strengthOf(a) !== strengthOf(b)) return false
  if (strengthOf(a) >= BAN - 1) return true
  const isSameLimit = a.limit?.unit === b.limit?.unit && a.limit?.perSecond === b.limit?.perSecond
  return a.action === b.action && isSameLimit
}
