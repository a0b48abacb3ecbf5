/**
 * Events as documents of the event file. Where Suricata's EVE has a name for something (timestamp, event_type, src_ip,
 * dest_port, in_iface, pkts_toserver, community_id), it is that one; what is idsd's own is in the object named after the
 * type of the event.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from '../detect/evidence.js'
import type { EntryHits, Mode } from '../enforce/decision.js'
import type { CommunityId } from './community-id.js'
import type { DecisionChange } from './handlers.js'
import { alertId, decisionId, flowId } from './ids.js'
import type { AlertRow, FlowRow, View } from './view.js'

/** One line; every event has these. */
export interface EventDocument {
  readonly schema: 'idsd.event.v1'
  /** RFC 3339, UTC. */
  readonly timestamp: string
  readonly event_type: 'alert' | 'decision' | 'flow' | 'start' | 'stop' | 'mode' | 'trial'
  readonly [field: string]: unknown
}

export interface EventLines {
  alert(row: AlertRow): EventDocument
  decision(change: DecisionChange): EventDocument
  /** `timestamp` is that of its last packet. */
  flow(row: FlowRow): EventDocument
  start(atMs: number, facts: { version: string; mode: Mode; interfaces: readonly string[] }): EventDocument
  stop(atMs: number, facts: { version: string }): EventDocument
  mode(atMs: number, facts: { before: Mode; mode: Mode; by: string }): EventDocument
  trial(atMs: number, facts: TrialFacts): EventDocument
}

/** What happens to a change that is on trial. */
export interface TrialFacts {
  readonly change: 'begun' | 'confirmed' | 'rolled_back'
  readonly what: string
  readonly by: string
  readonly reason: string
  /** Wall time, ms. */
  readonly untilMs: number
}

/** As EVE writes them; others by number. */
const PROTOCOLS: Readonly<Record<number, string>> = {
  1: 'ICMP',
  6: 'TCP',
  17: 'UDP',
  58: 'IPv6-ICMP',
  132: 'SCTP',
}

export function createEventLines(
  view: Pick<View, 'interfaceName' | 'hits'>,
  communityId: CommunityId,
): EventLines {
  const line = (
    event_type: EventDocument['event_type'],
    timestamp: string,
    fields: object,
  ): EventDocument => ({
    schema: 'idsd.event.v1',
    timestamp,
    event_type,
    ...fields,
  })

  const utcUs = createUtcUs()

  /** Five-tuple, with ports where the protocol has them, and the names that others know the flow by. */
  const tuple = (flow: FlowRecord) => {
    const hasPorts = flow.protocol === 6 || flow.protocol === 17
    // What is undefined does not appear in JSON.
    return {
      flow_id: flowId(flow.id),
      in_iface: view.interfaceName(flow.ifindex) || undefined,
      src_ip: flow.src,
      src_port: hasPorts ? flow.srcPort : undefined,
      dest_ip: flow.dst,
      dest_port: hasPorts ? flow.dstPort : undefined,
      proto: PROTOCOLS[flow.protocol] ?? String(flow.protocol),
      community_id: communityId(flow) || undefined,
    }
  }

  /** The newest flow stands for the evidence, as the packet that raised it does in EVE. */
  const subject = ({ about, source, flows }: Evidence) => {
    const newest = flows.at(-1)
    if (newest !== undefined) return tuple(newest)
    return about === 'source' ? { src_ip: source } : { dest_ip: source }
  }

  return {
    alert: ({ number, evidence, decisionNumber }) =>
      line('alert', utcMs(evidence.atMs), {
        ...subject(evidence),
        alert: {
          id: alertId(number) || null,
          detector: evidence.detector,
          technique: evidence.technique || null,
          severity: evidence.severity,
          about: evidence.about,
          subject: evidence.source,
          text: evidence.text,
          points: evidence.points,
          path_proven: evidence.isProven,
          score: greatest(evidence.scores),
          decision_id: decisionId(decisionNumber) || null,
          flows: evidence.flows.map((flow, i) => ({ ...tuple(flow), score: orNull(evidence.scores[i]) })),
        },
      }),

    decision: ({ kind, decision, atMs }) => {
      const { target, evidence } = decision
      const hits: EntryHits | undefined = kind === 'added' ? undefined : view.hits(decision)
      return line('decision', utcMs(atMs), {
        ...(target.includes('/') ? {} : { src_ip: target }),
        decision: {
          id: decisionId(decision.number),
          change: kind,
          kind: decision.kind,
          // As everywhere outside: syn_drop.
          action: decision.action === 'synDrop' ? 'syn_drop' : decision.action,
          ...(decision.limit === undefined
            ? {}
            : { limit: { unit: decision.limit.unit, per_second: decision.limit.perSecond } }),
          ...(decision.sparesFlows === undefined ? {} : { spares_flows: true }),
          target,
          origin: decision.origin,
          mode: decision.mode,
          reason: decision.reason,
          created_by: decision.createdBy,
          created_at: utcMs(decision.createdAtMs),
          expires_at: decision.expiresAtMs === 0 ? null : utcMs(decision.expiresAtMs),
          ...(hits === undefined ? {} : { pkts: hits.packets, bytes: hits.bytes }),
          evidence: evidence.map(({ detector, technique, severity, text, points, scores }) => ({
            ...{ detector, technique: technique || null, severity, text, points },
            score: greatest(scores),
          })),
        },
      })
    },

    flow: ({ flow, score, reasons = [] }) =>
      line('flow', utcUs(flow.lastUs), {
        ...tuple(flow),
        flow: {
          start: utcUs(flow.startUs),
          end: utcUs(flow.lastUs),
          age: Math.round((flow.lastUs - flow.startUs) / 1_000) / 1_000,
          pkts_toserver: flow.packetsFwd,
          pkts_toclient: flow.packetsBwd,
          bytes_toserver: flow.bytesFwd,
          bytes_toclient: flow.bytesBwd,
          state: flow.tcpState === 'none' ? null : flow.tcpState,
          reason: flow.endReason || null,
          path_proven: flow.pathProven,
          score: orNull(score),
          detectors: reasons,
        },
      }),

    start: (atMs, facts) => line('start', utcMs(atMs), { start: facts }),
    stop: (atMs, facts) => line('stop', utcMs(atMs), { stop: facts }),
    mode: (atMs, facts) => line('mode', utcMs(atMs), { mode: facts }),
    trial: (atMs, { change, what, by, reason, untilMs }) =>
      line('trial', utcMs(atMs), { trial: { change, what, by, reason, until: utcMs(untilMs) } }),
  }
}

function orNull(score: number | undefined): number | null {
  return score === undefined || Number.isNaN(score) ? null : score
}

function greatest(scores: readonly number[]): number | null {
  const known = scores.filter((score) => !Number.isNaN(score))
  return known.length === 0 ? null : Math.max(...known)
}

function utcMs(atMs: number): string {
  return new Date(atMs).toISOString()
}

/** Wall time in microseconds as text. Many events fall into one second, so the text of the last one is kept. */
function createUtcUs(): (atUs: number) => string {
  let second = Number.NaN
  let text = ''
  return (atUs) => {
    const wanted = Math.floor(atUs / 1_000_000)
    if (wanted !== second) {
      second = wanted
      text = new Date(wanted * 1_000).toISOString().slice(0, 20)
    }
    return `${text}${String(atUs % 1_000_000).padStart(6, '0')}Z`
  }
}
