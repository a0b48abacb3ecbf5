/** Flow records as rows and back. */

import type { EndReason, FlowRecord, RecordKind, TcpState } from '../decode/flow-record.js'
import type { DetectorName } from '../detect/evidence.js'
import { type FlowKey, flowKey, flowKeyText } from './flow-key.js'
import { readReasons } from './flow-reasons.js'

/** Places in these lists are stored: add at the end only. */
const KINDS: readonly RecordKind[] = ['opened', 'snapshot', 'ended']
const TCP_STATES: readonly TcpState[] = ['none', 'fin1', 'fin2', 'ready']
const END_REASONS: readonly EndReason[] = ['', 'timeout', 'syn', 'icmp', 'pressure', 'flush', 'upgrade']

const MARK = { pathProven: 1, firstBackward: 2, firstIngress: 4, isContinuation: 8 } as const

export interface StoredFlow {
  readonly flow: FlowRecord
  /** Highest of the flow's scores, in [0, 1]; NaN when it was not scored. */
  readonly score: number
  /** Detectors whose evidence cites the flow. */
  readonly reasons: readonly DetectorName[]
}

/** Columns of `flows` in their order, as a raw statement gives them: much faster than an object with 23 names. */
export type FlowRow = readonly [
  id: number,
  seq: number,
  kind: number,
  ifindex: number,
  srcKey: FlowKey,
  dstKey: FlowKey,
  srcPort: number,
  dstPort: number,
  protocol: number,
  startUs: number,
  lastUs: number,
  packetsFwd: number,
  packetsBwd: number,
  bytesFwd: number,
  bytesBwd: number,
  synCount: number,
  finCount: number,
  rstCount: number,
  tcpState: number,
  endReason: number,
  marks: number,
  reasons: number,
  score: number | null,
]

const CHANGES = `seq = excluded.seq, kind = excluded.kind,
    packets_fwd = excluded.packets_fwd, packets_bwd = excluded.packets_bwd,
    bytes_fwd = excluded.bytes_fwd, bytes_bwd = excluded.bytes_bwd,
    syn_count = excluded.syn_count, fin_count = excluded.fin_count, rst_count = excluded.rst_count,
    tcp_state = excluded.tcp_state, end_reason = excluded.end_reason, marks = excluded.marks`
const HIGHEST = 'max(coalesce(excluded.score, score), coalesce(score, excluded.score))'

/** A later record replaces an earlier one; of several scores the highest stays. Values: flowValues. */
export const UPSERT_FLOW = `
  INSERT INTO flows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET ${CHANGES}, last_us = excluded.last_us,
    reasons = reasons | excluded.reasons, score = ${HIGHEST}
  WHERE excluded.seq >= seq`

/**
 * The end of a flow that is stored and had no packet since: the index by time stays as it is. Values: endValues.
 * Changes nothing when the flow is not stored so.
 */
export const END_FLOW = `
  UPDATE flows SET seq = ?, kind = ?, packets_fwd = ?, packets_bwd = ?, bytes_fwd = ?, bytes_bwd = ?, syn_count = ?,
    fin_count = ?, rst_count = ?, tcp_state = ?, end_reason = ?, marks = ?, reasons = reasons | ?,
    score = max(coalesce(score, ?), coalesce(?, score))
  WHERE id = ? AND seq <= ? AND last_us = ?`

/** For what came with a record older than the stored one: score, score, reasons, id. */
export const MERGE_FLOW =
  'UPDATE flows SET score = max(coalesce(score, ?), coalesce(?, score)), reasons = reasons | ? WHERE id = ?'

/** @param score in [0, 1]; NaN when the flow was not scored @param reasons bits of flow-reasons.ts */
export function flowValues(
  flow: FlowRecord,
  score: number,
  reasons: number,
): (string | number | Buffer | null)[] {
  return [
    flow.id,
    flow.seq,
    KINDS.indexOf(flow.kind),
    flow.ifindex,
    flowKey(flow.src),
    flowKey(flow.dst),
    flow.srcPort,
    flow.dstPort,
    flow.protocol,
    flow.startUs,
    flow.lastUs,
    ...changingValues(flow, score, reasons),
  ]
}

export function endValues(flow: FlowRecord, score: number, reasons: number): (number | null)[] {
  return [
    flow.seq,
    KINDS.indexOf(flow.kind),
    ...changingValues(flow, score, reasons),
    scoreValue(score),
    flow.id,
    flow.seq,
    flow.lastUs,
  ]
}

/** What a later record of the same flow brings anew, from the packets on. */
function changingValues(flow: FlowRecord, score: number, reasons: number): (number | null)[] {
  return [
    flow.packetsFwd,
    flow.packetsBwd,
    flow.bytesFwd,
    flow.bytesBwd,
    flow.synCount,
    flow.finCount,
    flow.rstCount,
    TCP_STATES.indexOf(flow.tcpState),
    END_REASONS.indexOf(flow.endReason),
    marksOf(flow),
    reasons,
    scoreValue(score),
  ]
}

/** NaN, which SQLite has not, as null. */
export function scoreValue(score: number): number | null {
  return Number.isNaN(score) ? null : score
}

export function readFlow(row: FlowRow): StoredFlow {
  const [id, seq, kind, ifindex, srcKey, dstKey, srcPort, dstPort, protocol, startUs, lastUs, ...rest] = row
  const [packetsFwd, packetsBwd, bytesFwd, bytesBwd, synCount, finCount, rstCount, ...state] = rest
  const [tcpState, endReason, marks, reasons, score] = state
  const flow: FlowRecord = {
    kind: KINDS[kind]!,
    id,
    seq,
    ifindex,
    src: flowKeyText(srcKey),
    dst: flowKeyText(dstKey),
    srcPort,
    dstPort,
    protocol,
    startUs,
    lastUs,
    packetsFwd,
    packetsBwd,
    bytesFwd,
    bytesBwd,
    synCount,
    finCount,
    rstCount,
    tcpState: TCP_STATES[tcpState]!,
    endReason: END_REASONS[endReason]!,
    pathProven: (marks & MARK.pathProven) !== 0,
    isTransit: false,
    firstBackward: (marks & MARK.firstBackward) !== 0,
    firstIngress: (marks & MARK.firstIngress) !== 0,
    isContinuation: (marks & MARK.isContinuation) !== 0,
  }
  return { flow, score: score ?? Number.NaN, reasons: readReasons(reasons) }
}

function marksOf(flow: FlowRecord): number {
  return (
    (flow.pathProven ? MARK.pathProven : 0) |
    (flow.firstBackward ? MARK.firstBackward : 0) |
    (flow.firstIngress ? MARK.firstIngress : 0) |
    (flow.isContinuation ? MARK.isContinuation : 0)
  )
}
