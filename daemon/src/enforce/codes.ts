/** Words of decisions as the numbers of the kernel's entries and counters. */

import type { DetectorName } from '../detect/evidence.js'
import { BlockAction, BlockOrigin, BlockReason } from '../kernel/wire.js'
import type { Action, Decision, Origin } from './decision.js'

export type ReasonName = 'manual' | 'scan' | 'login' | 'model' | 'list' | 'mixed' | 'flood'

export const reasonNames: readonly ReasonName[] = [
  'manual',
  'scan',
  'login',
  'model',
  'list',
  'mixed',
  'flood',
]
export const originNames: readonly Origin[] = ['operator', 'detector', 'model', 'list']

/** What has no reason of its own in the kernel's counters is `mixed`. */
const reasonOfDetector: Readonly<Record<DetectorName, ReasonName>> = {
  scan_vertical: 'scan',
  scan_horizontal: 'scan',
  slow_scan: 'scan',
  login: 'login',
  syn_flood: 'flood',
  rate: 'flood',
  connections: 'flood',
  udp_flood: 'flood',
  icmp_flood: 'flood',
  exfiltration: 'mixed',
  model: 'model',
  breaker: 'mixed',
}

export function actionCode(action: Action): number {
  return BlockAction[action]
}

/** The word of a kernel's number; undefined for one that this idsd does not know. */
export function actionOf(code: number): Action | undefined {
  const word = wordOf(BlockAction, code)
  return word === 'none' || word === 'max' ? undefined : word
}

/** As `actionOf`. */
export function originOf(code: number): Origin | undefined {
  return originNames.find((name) => BlockOrigin[name] === code)
}

/** As `actionOf`. */
export function reasonOf(code: number): ReasonName | undefined {
  return reasonNames.find((name) => BlockReason[name] === code)
}

function wordOf<T extends string>(codes: Readonly<Record<T, number>>, code: number): T | undefined {
  return (Object.keys(codes) as T[]).find((name) => codes[name] === code)
}

export function originCode(origin: Origin): number {
  return BlockOrigin[origin]
}

/** Why, as the counters name it: what the evidence has in common. */
export function reasonName({ origin, evidence }: Pick<Decision, 'origin' | 'evidence'>): ReasonName {
  if (origin === 'operator') return 'manual'
  if (origin === 'list') return 'list'
  const reasons = new Set(evidence.map(({ detector }) => reasonOfDetector[detector]))
  const [only = 'mixed', ...others] = reasons
  return others.length === 0 ? only : 'mixed'
}

export function reasonCode(decision: Pick<Decision, 'origin' | 'evidence'>): number {
  return BlockReason[reasonName(decision)]
}

/** Index into the kernel's counters of dropped packets. */
export function droppedIndex(origin: Origin, reason: ReasonName): number {
  return BlockOrigin[origin] * 8 + BlockReason[reason]
}
