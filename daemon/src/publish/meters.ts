/** Counts what the daemon does for the metrics and the status: alerts, decisions, the time that a block took. */

import type { Role } from '../control/caller.js'
import {
  type DetectorName,
  detectorNames,
  type Evidence,
  type Severity,
  severities,
} from '../detect/evidence.js'
import type { Action, Decision, DecisionKind, Origin } from '../enforce/decision.js'
import { createHistogram, type HistogramReading } from './histogram.js'

export type AlertCounts = Readonly<Record<DetectorName, Readonly<Record<Severity, number>>>>

export interface DecisionCount {
  readonly origin: Origin
  readonly action: Action
  readonly kind: DecisionKind
  readonly count: number
}

export interface MetersReading {
  /** Every detector and every severity, also at 0. */
  readonly alerts: AlertCounts
  readonly alertsTotal: number
  /** Decisions made since the daemon began; every combination that can occur, also at 0. */
  readonly decisionsMade: readonly DecisionCount[]
  /** Requests that lacked the role, by the role that the caller has. */
  readonly refusedRequests: Readonly<Record<RefusedRole, number>>
  /** Seconds. */
  readonly timeToBlock: HistogramReading
}

/** Operators are refused nothing for their role. */
export type RefusedRole = Exclude<Role, 'operator'>

export interface Meters {
  countAlerts(evidence: readonly Evidence[]): void
  /** To be called once for each decision that was made, not for those that a start restores. */
  countDecision(decision: Pick<Decision, 'origin' | 'action' | 'kind'>): void
  /** From the packet that completed the evidence to the entry in the map, seconds. */
  observeTimeToBlock(seconds: number): void
  countRefusedRequest(role: Role): void
  read(): MetersReading
}

/** Seconds: the targets of the bench, 0.5 and 2 ms, lie on bounds; the waits of a scan detector end at 1 s. */
export const TIME_TO_BLOCK_BOUNDS: readonly number[] = [
  ...[0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
]

const ACTIONS: readonly Action[] = ['drop', 'count', 'limit', 'synDrop', 'reject']

/** What can be made; who is in honest use is never dropped for what may be forged. */
const POSSIBLE: readonly (readonly [Origin, Action, DecisionKind])[] = [
  ...(['operator', 'list', 'detector', 'model'] as const).flatMap((origin) =>
    ACTIONS.map((action) => [origin, action, 'block'] as const),
  ),
  ...(['detector', 'model'] as const).flatMap(
    (origin) =>
      [
        [origin, 'count', 'would_block'],
        [origin, 'limit', 'spoofable'],
        [origin, 'synDrop', 'spoofable'],
        [origin, 'count', 'spoofable'],
      ] as const,
  ),
]

export function createMeters(): Meters {
  const alerts = Object.fromEntries(
    detectorNames.map((detector) => [
      detector,
      Object.fromEntries(severities.map((severity) => [severity, 0])) as Record<Severity, number>,
    ]),
  ) as Record<DetectorName, Record<Severity, number>>
  const made = new Map(POSSIBLE.map(([origin, action, kind]) => [`${origin} ${action} ${kind}`, 0]))
  const timeToBlock = createHistogram(TIME_TO_BLOCK_BOUNDS)
  const refusedRequests = { none: 0, reader: 0 }
  let alertsTotal = 0

  return {
    countAlerts: (evidence) => {
      for (const { detector, severity } of evidence) {
        alerts[detector][severity]++
        alertsTotal++
      }
    },
    countDecision: ({ origin, action, kind }) => {
      const key = `${origin} ${action} ${kind}`
      made.set(key, (made.get(key) ?? 0) + 1)
    },
    observeTimeToBlock: timeToBlock.observe,
    countRefusedRequest: (role) => {
      if (role !== 'operator') refusedRequests[role]++
    },
    read: () => ({
      alerts,
      alertsTotal,
      decisionsMade: [...made].map(([key, count]) => {
        const [origin, action, kind] = key.split(' ') as [Origin, Action, DecisionKind]
        return { origin, action, kind, count }
      }),
      refusedRequests: { ...refusedRequests },
      timeToBlock: timeToBlock.read(),
    }),
  }
}
