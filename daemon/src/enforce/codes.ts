/** Words of decisions as the numbers of the kernel's entries and counters. */

import { BlockAction, BlockOrigin, BlockReason } from '../kernel/wire.js'
import type { Action, Decision, Origin } from './decision.js'

export type ReasonName = 'manual' | 'scan' | 'login' | 'model' | 'list' | 'mixed'

export const reasonNames: readonly ReasonName[] = ['manual', 'scan', 'login', 'model', 'list', 'mixed']
export const originNames: readonly Origin[] = ['operator', 'detector', 'model', 'list']

export function actionCode(action: Action): number {
  return BlockAction[action]
}

export function originCode(origin: Origin): number {
  return BlockOrigin[origin]
}

/** Why, as the counters name it: what the evidence has in common. */
export function reasonName({ origin, evidence }: Pick<Decision, 'origin' | 'evidence'>): ReasonName {
  if (origin === 'operator') return 'manual'
  if (origin === 'list') return 'list'
  const detectors = new Set(evidence.map(({ detector }) => detector))
  if (detectors.size !== 1) return 'mixed'
  if (detectors.has('scan_vertical')) return 'scan'
  return detectors.has('login') ? 'login' : 'model'
}

export function reasonCode(decision: Pick<Decision, 'origin' | 'evidence'>): number {
  return BlockReason[reasonName(decision)]
}

/** Index into the kernel's counters of dropped packets. */
export function droppedIndex(origin: Origin, reason: ReasonName): number {
  return BlockOrigin[origin] * 8 + BlockReason[reason]
}
