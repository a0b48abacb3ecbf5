/** Flow records as rows and back. */

import type { EndReason, FlowRecord, RecordKind, TcpState } from '../decode/flow-record.js'
import type { AddressKey } from './address-keys.js'

/** Places in these lists are stored: add at the end only. */
const KINDS: readonly RecordKind[] = ['opened', 'snapshot', 'ended']
const TCP_STATES: readonly TcpState[] = ['none', 'fin1', 'fin2', 'ready']
const END_REASONS: readonly EndReason[] = ['', 'timeout', 'syn', 'icmp', 'pressure', 'flush']

const MARK = { pathProven: 1, firstBackward: 2, firstIngress: 4, isContinuation: 8 } as const

export interface StoredFlow {
  readonly flow: FlowRecord
  /** Highest of the flow's scores, in [0, 1]; NaN when it was not scored. */
  readonly score: number
}

export interface FlowRow {
  readonly id: number
  readonly seq: number
  readonly kind: number
  readonly ifindex: number
  readonly src: string
  readonly dst: string
  readonly src_port: number
  readonly dst_port: number
  readonly protocol: number
  readonly start_us: number
  readonly last_us: number
  readonly packets_fwd: number
  readonly packets_bwd: number
  readonly bytes_fwd: number
  readonly bytes_bwd: number
  readonly syn_count: number
  readonly fin_count: number
  readonly rst_count: number
  readonly tcp_state: number
  readonly end_reason: number
  readonly marks: number
  readonly score: number | null
}

/**
 * A later record replaces an earlier one whatever the order of arrival; of several scores the highest stays. Values in
 * the order of flowValues.
 */
export const UPSERT_FLOW = `
  INSERT INTO flows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET
    seq = excluded.seq, kind = excluded.kind, last_us = excluded.last_us,
    packets_fwd = excluded.packets_fwd, packets_bwd = excluded.packets_bwd,
    bytes_fwd = excluded.bytes_fwd, bytes_bwd = excluded.bytes_bwd,
    syn_count = excluded.syn_count, fin_count = excluded.fin_count, rst_count = excluded.rst_count,
    tcp_state = excluded.tcp_state, end_reason = excluded.end_reason, marks = excluded.marks,
    score = max(coalesce(excluded.score, score), coalesce(score, excluded.score))
  WHERE excluded.seq >= seq`

/** For a score that came with a record older than the stored one: score, score, id. */
export const RAISE_SCORE = 'UPDATE flows SET score = max(coalesce(score, ?), ?) WHERE id = ?'

/** @param score in [0, 1]; NaN when the flow was not scored */
export function flowValues(
  flow: FlowRecord,
  score: number,
  addressKey: AddressKey,
): (string | number | Buffer | null)[] {
  return [
    flow.id,
    flow.seq,
    KINDS.indexOf(flow.kind),
    flow.ifindex,
    flow.src,
    flow.dst,
    addressKey(flow.src),
    addressKey(flow.dst),
    flow.srcPort,
    flow.dstPort,
    flow.protocol,
    flow.startUs,
    flow.lastUs,
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
    Number.isNaN(score) ? null : score,
  ]
}

export function readFlow(row: FlowRow): StoredFlow {
  const has = (mark: keyof typeof MARK): boolean => (row.marks & MARK[mark]) !== 0
  const flow: FlowRecord = {
    kind: KINDS[row.kind]!,
    id: row.id,
    seq: row.seq,
    ifindex: row.ifindex,
    src: row.src,
    dst: row.dst,
    srcPort: row.src_port,
    dstPort: row.dst_port,
    protocol: row.protocol,
    startUs: row.start_us,
    lastUs: row.last_us,
    packetsFwd: row.packets_fwd,
    packetsBwd: row.packets_bwd,
    bytesFwd: row.bytes_fwd,
    bytesBwd: row.bytes_bwd,
    synCount: row.syn_count,
    finCount: row.fin_count,
    rstCount: row.rst_count,
    tcpState: TCP_STATES[row.tcp_state]!,
    endReason: END_REASONS[row.end_reason]!,
    pathProven: has('pathProven'),
    isTransit: false,
    firstBackward: has('firstBackward'),
    firstIngress: has('firstIngress'),
    isContinuation: has('isContinuation'),
  }
  return { flow, score: row.score ?? Number.NaN }
}

function marksOf(flow: FlowRecord): number {
  let marks = 0
  for (const [name, bit] of Object.entries(MARK)) if (flow[name as keyof typeof MARK]) marks |= bit
  return marks
}
