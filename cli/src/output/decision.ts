/** Decisions and what happens to them, as rows and as documents. */

import type { Decision, DecisionEvent } from '../contract.js'
import { actionText, limitDocument } from './action.js'
import { flowDocument } from './flow.js'
import type { Document, Kind } from './print.js'
import { localTime, utcMs } from './time.js'
import { byteSize, count, relative } from './units.js'
import { word } from './words.js'

export const decisionKind: Kind<Decision> = {
  plural: 'decisions',
  listSchema: 'idsd.decisions.v1',
  columns: (nowMs) => [
    { title: 'ID', cell: ({ id }) => id },
    { title: 'TARGET', cell: ({ target }) => target },
    { title: 'KIND', cell: kindText },
    { title: 'ACTION', cell: actionText },
    { title: 'STATE', cell: stateText },
    { title: 'ORIGIN', cell: (decision) => word(decision.origin, 'ORIGIN') },
    { title: 'SINCE', cell: ({ createdAtMs }) => localTime(createdAtMs) },
    { title: 'ENDS', cell: (decision) => endText(decision, nowMs) },
    { title: 'PACKETS', cell: ({ packets }) => count(packets), align: 'right' },
    { title: 'BYTES', cell: ({ bytes }) => byteSize(bytes), align: 'right' },
    { title: 'REASON', cell: ({ reason }) => reason },
  ],
  document: decisionDocument,
}

export const decisionEventKind: Kind<DecisionEvent> = {
  plural: 'events',
  listSchema: 'idsd.decision_events.v1',
  columns: () => [
    { title: 'TIME', cell: ({ atMs }) => localTime(atMs), minWidth: 25 },
    { title: 'EVENT', cell: ({ kind }) => word(kind, 'KIND'), minWidth: 8 },
    { title: 'ID', cell: ({ decision }) => decision?.id ?? '-', minWidth: 6 },
    { title: 'TARGET', cell: ({ decision }) => decision?.target ?? '-', minWidth: 18 },
    { title: 'KIND', cell: ({ decision }) => (decision === null ? '' : kindText(decision)), minWidth: 11 },
    { title: 'ACTION', cell: ({ decision }) => (decision === null ? '' : actionText(decision)) },
    { title: 'ORIGIN', cell: ({ decision }) => word(decision?.origin ?? '', 'ORIGIN'), minWidth: 8 },
    { title: 'REASON', cell: ({ decision }) => decision?.reason ?? '' },
  ],
  document: (event) => ({
    schema: 'idsd.decision_event.v1',
    kind: word(event.kind, 'KIND'),
    at: utcMs(event.atMs),
    lost: event.lost,
    decision: event.decision === null ? null : decisionDocument(event.decision),
  }),
}

/** `idsd.decision.v1`; `expires_at` is null for a block that stays until it is unblocked. */
export function decisionDocument(decision: Decision): Document {
  return {
    schema: 'idsd.decision.v1',
    id: decision.id,
    target: decision.target,
    kind: word(decision.kind, 'DECISION_KIND'),
    action: word(decision.action, 'ACTION'),
    limit: limitDocument(decision),
    spares_flows: decision.sparesFlows,
    origin: word(decision.origin, 'ORIGIN'),
    mode: word(decision.mode, 'MODE'),
    state: word(decision.state, 'DECISION_STATE'),
    reason: decision.reason,
    created_by: decision.createdBy,
    created_at: utcMs(decision.createdAtMs),
    expires_at: utcMs(decision.expiresAtMs),
    ended_at: utcMs(decision.endedAtMs),
    in_kernel: decision.inKernel,
    lapsed: decision.lapsed,
    trial: decision.trial || null,
    packets: decision.packets,
    bytes: decision.bytes,
    last_seen: utcMs(decision.lastSeenMs),
    evidence: decision.evidence.map(({ detector, technique, severity, text, points, atMs, ...rest }) => ({
      detector,
      technique: technique === '' ? null : technique,
      severity: severity === '' ? null : severity,
      text,
      points,
      at: utcMs(atMs),
      path_proven: rest.isProven,
      flows: rest.flows.map(flowDocument),
    })),
  }
}

/** `block`, `would block` or `spoofable`. */
export function kindText({ kind }: Decision): string {
  return word(kind, 'DECISION_KIND').replaceAll('_', ' ')
}

function stateText({ state, inKernel, lapsed, trial }: Decision): string {
  const text = word(state, 'DECISION_STATE')
  if (trial) return trial === 'trial' ? 'active, on trial' : 'active, lifted on trial'
  if (text === 'active' && lapsed) return 'active, lapsed'
  return text === 'active' && !inKernel ? 'active, not in the kernel' : text
}

function endText({ state, expiresAtMs, endedAtMs }: Decision, nowMs: number): string {
  if (state !== 'DECISION_STATE_ACTIVE') return relative(endedAtMs, nowMs)
  return expiresAtMs === 0 ? 'when unblocked' : relative(expiresAtMs, nowMs)
}
