/** Flows as rows and as documents. */

import type { FlowRecord } from '../contract.js'
import type { Document, Kind } from './print.js'
import { localTime, utcUs } from './time.js'
import { byteSize, count, span } from './units.js'

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' }

export const flowKind: Kind<FlowRecord> = {
  plural: 'flows',
  listSchema: 'idsd.flows.v1',
  columns: () => [
    { title: 'LAST PACKET', cell: (flow) => localTime(flow.lastUs / 1_000), minWidth: 25 },
    { title: 'INTERFACE', cell: (flow) => flow.interface },
    { title: 'PROTO', cell: (flow) => PROTOCOLS[flow.protocol] ?? String(flow.protocol) },
    { title: 'SOURCE', cell: (flow) => endpoint(flow, flow.src, flow.srcPort), minWidth: 21 },
    { title: 'DESTINATION', cell: (flow) => endpoint(flow, flow.dst, flow.dstPort), minWidth: 21 },
    { title: 'LASTED', cell: lasted, align: 'right', minWidth: 9 },
    { title: 'SENT', cell: (flow) => count(flow.packetsFwd), align: 'right', minWidth: 7 },
    { title: 'BACK', cell: (flow) => count(flow.packetsBwd), align: 'right', minWidth: 7 },
    { title: 'DATA SENT', cell: (flow) => byteSize(flow.bytesFwd), align: 'right' },
    { title: 'DATA BACK', cell: (flow) => byteSize(flow.bytesBwd), align: 'right' },
    { title: 'SCORE', cell: scoreText, align: 'right' },
    { title: 'STATE', cell: stateText, minWidth: 14 },
    { title: 'NAMED BY', cell: ({ reasons }) => reasons.join(' ') },
  ],
  document: flowDocument,
}

/** `idsd.flow.v1`; counts are packets and L4 payload bytes, `score` is null when the flow was not scored. */
export function flowDocument(flow: FlowRecord): Document {
  return {
    schema: 'idsd.flow.v1',
    id: flow.id,
    seq: flow.seq,
    kind: flow.kind,
    interface: flow.interface,
    protocol: flow.protocol,
    src: flow.src,
    src_port: flow.srcPort,
    dst: flow.dst,
    dst_port: flow.dstPort,
    start: utcUs(flow.startUs),
    last: utcUs(flow.lastUs),
    packets_fwd: flow.packetsFwd,
    packets_bwd: flow.packetsBwd,
    bytes_fwd: flow.bytesFwd,
    bytes_bwd: flow.bytesBwd,
    tcp_state: flow.tcpState,
    path_proven: flow.pathProven,
    end_reason: flow.endReason === '' ? null : flow.endReason,
    score: flow.score ?? null,
    detectors: flow.reasons,
    community_id: flow.communityId === '' ? null : flow.communityId,
    duration_us: flow.durationUs,
    is_continuation: flow.isContinuation,
    first_ingress: flow.firstIngress,
    first_backward: flow.firstBackward,
    syn_count: flow.synCount,
    fin_count: flow.finCount,
    rst_count: flow.rstCount,
  }
}

function endpoint({ protocol }: FlowRecord, address: string, port: number): string {
  if (protocol !== 6 && protocol !== 17) return address
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function lasted({ startUs, lastUs }: FlowRecord): string {
  return span(Math.max(0, lastUs - startUs) / 1_000)
}

function scoreText({ score }: FlowRecord): string {
  return score === undefined ? '-' : score.toFixed(3)
}

function stateText({ endReason, tcpState }: FlowRecord): string {
  if (endReason !== '') return `ended: ${endReason}`
  if (tcpState === 'ready') return 'closed'
  return tcpState.startsWith('fin') ? 'closing' : 'open'
}
