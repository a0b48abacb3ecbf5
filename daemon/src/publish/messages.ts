/** Domain types to messages of the proto contract: the one place where the two meet. */

import type { AuditRow } from '../control/audit-row.js'
import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from '../detect/evidence.js'
import type { AllowEntry, Decision, Limit } from '../enforce/decision.js'
import type { PanicState } from '../enforce/panic.js'
import type { TrialState } from '../enforce/trial.js'
import type { BreakerState } from '../policy/breaker.js'
import { calibrationStatusMessage } from './calibration-message.js'
import { createCommunityId } from './community-id.js'
import { ACTIONS, DECISION_KINDS, MODES, ORIGINS, STATES } from './enum-words.js'
import type { Alert as AlertMessage } from './generated/idsd/v1/Alert.js'
import type { AllowEntry as AllowEntryMessage } from './generated/idsd/v1/AllowEntry.js'
import type { AuditRow as AuditRowMessage } from './generated/idsd/v1/AuditRow.js'
import type { Breaker as BreakerMessage } from './generated/idsd/v1/Breaker.js'
import type { Decision as DecisionMessage } from './generated/idsd/v1/Decision.js'
import type { Evidence as EvidenceMessage } from './generated/idsd/v1/Evidence.js'
import type { FlowRecord as FlowRecordMessage } from './generated/idsd/v1/FlowRecord.js'
import type { Limit as LimitMessage } from './generated/idsd/v1/Limit.js'
import type { Panic as PanicMessage } from './generated/idsd/v1/Panic.js'
import type { Status as StatusMessage } from './generated/idsd/v1/Status.js'
import type { Trial as TrialMessage } from './generated/idsd/v1/Trial.js'
import { alertId, decisionId, flowId } from './ids.js'
import type { AlertRow, FlowRow, LimitCounts, StatusView, View } from './view.js'

/** `trial` of a Decision. */
const MEMBERSHIPS: Readonly<Partial<Record<string, string>>> = { trial: 'trial', confirmed: 'confirmed' }

export interface Messages {
  status(status: StatusView): StatusMessage
  flow(row: FlowRow): FlowRecordMessage
  /** With the flows behind its evidence. */
  decision(decision: Decision): DecisionMessage
  /** With its evidence in words only, so that a list of ten thousand stays a few megabytes. */
  decisionSummary(decision: Decision): DecisionMessage
  /** With its counters and without evidence. */
  decisionCounters(decision: Decision): DecisionMessage
  alert(row: AlertRow): AlertMessage
  allowEntry(entry: AllowEntry): AllowEntryMessage
  audit(row: AuditRow): AuditRowMessage
}

export function createMessages(
  view: Pick<View, 'hits' | 'inKernel' | 'isLapsed' | 'limitCounts' | 'interfaceName' | 'membership'>,
): Messages {
  const communityId = createCommunityId()
  const flow = ({ flow: record, score, reasons = [] }: FlowRow): FlowRecordMessage => ({
    ...flowMessage(record, score, view.interfaceName(record.ifindex)),
    communityId: communityId(record),
    reasons: [...reasons],
  })
  const flows = ({ flows, scores, detector }: Evidence) =>
    flows.map((record, i) => flow({ flow: record, score: scores[i] ?? Number.NaN, reasons: [detector] }))
  const summary = (decision: Decision): DecisionMessage => {
    const hits = decision.number === 0 ? undefined : view.hits(decision)
    return {
      ...plainDecision(decision),
      packets: hits?.packets ?? 0,
      bytes: hits?.bytes ?? 0,
      lastSeenMs: hits?.lastSeenMs ?? 0,
      inKernel: decision.number !== 0 && view.inKernel(decision),
      lapsed: decision.number !== 0 && view.isLapsed(decision),
      trial: decision.state === 'active' ? (MEMBERSHIPS[view.membership(decision)] ?? '') : '',
      limit: limitMessage(decision.limit, decision.number === 0 ? undefined : view.limitCounts(decision)),
    }
  }
  return {
    status: statusMessage,
    flow,
    decisionCounters: (decision) => ({ ...summary(decision), evidence: [] }),
    decisionSummary: summary,
    decision: (decision) => ({
      ...summary(decision),
      evidence: decision.evidence.map((evidence) => ({ ...plainEvidence(evidence), flows: flows(evidence) })),
    }),
    alert: ({ number, evidence, decisionNumber }) => ({
      id: alertId(number),
      atMs: evidence.atMs,
      source: evidence.source,
      about: evidence.about,
      isProven: evidence.isProven,
      detector: evidence.detector,
      severity: evidence.severity,
      technique: evidence.technique,
      text: evidence.text,
      points: evidence.points,
      decisionId: decisionId(decisionNumber),
      flows: flows(evidence),
    }),
    allowEntry: ({ target, reason, createdAtMs, createdBy, source, expiresAtMs = 0, isLogOnly }) => ({
      target,
      reason,
      createdAtMs,
      createdBy,
      source,
      expiresAtMs,
      logOnly: isLogOnly === true,
    }),
    audit: ({ decisionNumbers, ...row }) => ({ ...row, decisionIds: decisionNumbers.map(decisionId) }),
  }
}

function plainDecision(decision: Decision): DecisionMessage {
  return {
    id: decisionId(decision.number),
    target: decision.target,
    action: ACTIONS[decision.action],
    kind: DECISION_KINDS[decision.kind],
    origin: ORIGINS[decision.origin],
    mode: MODES[decision.mode],
    state: STATES[decision.state],
    reason: decision.reason,
    createdBy: decision.createdBy,
    createdAtMs: decision.createdAtMs,
    expiresAtMs: decision.expiresAtMs,
    endedAtMs: decision.endedAtMs,
    sparesFlows: decision.sparesFlows === true,
    evidence: decision.evidence.map(plainEvidence),
  }
}

/** Null, as the message is absent, without a limit. */
export function limitMessage(limit: Limit | undefined, counts: LimitCounts | undefined): LimitMessage | null {
  if (limit === undefined) return null
  const unit = limit.unit === 'bits' ? 'LIMIT_UNIT_BITS' : 'LIMIT_UNIT_PACKETS'
  const { passed = 0, limited = 0 } = counts ?? {}
  return { unit, perSecond: limit.perSecond, passed, limited }
}

function plainEvidence(evidence: Evidence): EvidenceMessage {
  const { detector, technique, severity, text, points, atMs, isProven } = evidence
  return { detector, technique, severity, text, points, atMs, isProven }
}

/** A flow that was not scored has no `score` at all. */
function flowMessage(flow: FlowRecord, score: number, interfaceName: string): FlowRecordMessage {
  const { seq, src, dst, srcPort, dstPort, protocol, startUs, lastUs } = flow
  const { packetsFwd, packetsBwd, bytesFwd, bytesBwd, synCount, finCount, rstCount } = flow
  const { kind, tcpState, pathProven, endReason, firstBackward, firstIngress, isContinuation } = flow
  return {
    ...{
      id: flowId(flow.id),
      interface: interfaceName,
      seq,
      src,
      dst,
      srcPort,
      dstPort,
      protocol,
      startUs,
      lastUs,
    },
    ...{ packetsFwd, packetsBwd, bytesFwd, bytesBwd, synCount, finCount, rstCount },
    ...{ kind, tcpState, pathProven, endReason, firstBackward, firstIngress, isContinuation },
    durationUs: Math.max(0, lastUs - startUs),
    ...(Number.isNaN(score) ? {} : { score }),
  }
}

/** Null, as the message is absent, when there is none. */
export function panicMessage(panic: PanicState | undefined): PanicMessage | null {
  return panic === undefined ? null : { ...panic }
}

/** Null, as the message is absent, when there is none. */
export function trialMessage(trial: TrialState | undefined): TrialMessage | null {
  return trial === undefined ? null : { ...trial, leftMs: Math.ceil(trial.leftMs) }
}

export function breakerMessage({ origin, trippedAtMs, untilMs, why }: BreakerState): BreakerMessage {
  return { origin, sinceMs: trippedAtMs, untilMs, why }
}

function statusMessage({
  mode,
  panic,
  trial,
  breakers,
  calibration,
  traffic,
  privilege,
  interfaces,
  maps,
  lists,
  ...status
}: StatusView): StatusMessage {
  const { ingress, egress } = traffic
  return {
    ...status,
    mode: MODES[mode],
    panic: panicMessage(panic),
    trial: trialMessage(trial),
    breakers: breakers.map(breakerMessage),
    calibration: calibrationStatusMessage(calibration),
    privilege: { ...privilege, capabilities: [...privilege.capabilities] },
    interfaces: [...interfaces],
    maps: [...maps],
    lists: { ...lists, unloaded: [...lists.unloaded] },
    warnings: [...status.warnings],
    traffic: {
      passedPacketsIngress: ingress.passed.packets,
      passedBytesIngress: ingress.passed.bytes,
      droppedPacketsIngress: ingress.dropped.packets,
      droppedBytesIngress: ingress.dropped.bytes,
      passedPacketsEgress: egress.passed.packets,
      passedBytesEgress: egress.passed.bytes,
      droppedPacketsEgress: egress.dropped.packets,
      droppedBytesEgress: egress.dropped.bytes,
    },
  }
}
