/** Decisions as they are asked for, before they are stored: those of operators and the automatic ones. Pure. */

import type { BlockOrder } from '../control/enforcement.js'
import type { DetectorName } from '../detect/evidence.js'
import type { Verdict } from '../policy/verdict.js'
import type { Decision, DecisionKind, Mode } from './decision.js'

/** A decision without what the store gives it. */
export type Draft = Omit<Decision, 'number' | 'state' | 'endedAtMs'>

/** @param mode of the generation in force */
export function operatorDraft(order: BlockOrder, mode: Mode): Draft {
  return {
    target: order.target.text,
    action: order.action,
    ...(order.limit === undefined ? {} : { limit: order.limit }),
    ...(order.sparesFlows === undefined ? {} : { sparesFlows: order.sparesFlows }),
    kind: 'block',
    origin: 'operator',
    mode,
    reason: order.reason,
    createdBy: order.createdBy,
    createdAtMs: order.createdAtMs,
    expiresAtMs: order.expiresAtMs,
    evidence: [],
  }
}

export interface AutomaticCircumstances {
  /** Of the generation in force. */
  readonly mode: Mode
  /** `prevent` where either generation enforces such a verdict. */
  readonly strictest: Mode
  /** Origin whose breaker keeps the verdict from blocking; undefined: none does. */
  readonly heldBy: DetectorName | undefined
  /** Wall time, ms. */
  readonly nowMs: number
}

export function automaticDraft(verdict: Verdict, circumstances: AutomaticCircumstances): Draft {
  const { source, origin, blockMs, evidence, action, limit, sparesFlows, ladder } = verdict
  const { mode, strictest, heldBy, nowMs } = circumstances
  const kind = kindOf(verdict.kind, strictest)
  // The entry says for each generation whether it only counts.
  const isEnforced = kind === 'block' || (kind === 'spoofable' && strictest === 'prevent')
  const detectors = new Set(evidence.map(({ detector }) => detector))
  return {
    target: source,
    action: isEnforced ? action : 'count',
    ...(isEnforced && limit !== undefined ? { limit } : {}),
    ...(isEnforced && sparesFlows !== undefined ? { sparesFlows } : {}),
    ...(isEnforced ? { ladder } : {}),
    kind,
    origin,
    mode,
    reason:
      heldBy === undefined
        ? verdict.reason
        : `${verdict.reason}; only counts: the breaker of ${heldBy} is tripped`,
    createdBy: origin === 'model' ? 'model' : [...detectors].join('+'),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + blockMs,
    evidence,
  }
}

/** As what an automatic decision is made. */
function kindOf(verdict: Verdict['kind'], mode: Mode): DecisionKind {
  if (verdict !== 'block') return verdict
  return mode === 'detect' ? 'would_block' : 'block'
}
