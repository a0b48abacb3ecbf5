/** Whom of a flow the block stage judges, and what its packets weigh on the wire. Pure. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { PlannedTraffic } from './plan.js'

/** Ethernet header, bytes. */
const ETHERNET = 14
const IPV4_HEADER = 20
const IPV6_HEADER = 40
/** Headers without options, bytes, by IP protocol: TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792, RFC 4443). */
const L4_HEADERS: Readonly<Record<number, number>> = { 6: 20, 17: 8, 1: 8, 58: 8 }

/**
 * Addresses by which the block stage judges the packets of a flow: their source where they come in and their
 * destination where they leave, which is the far end in both directions. What enters by one guarded interface may leave
 * by another, which judges it by its other end.
 */
export function judgedAddresses(flow: FlowRecord, isForwarding: boolean): readonly string[] {
  const { src, dst, firstBackward, firstIngress } = flow
  const far = firstIngress === firstBackward ? dst : src
  return isForwarding ? [far, far === src ? dst : src] : [far]
}

export function trafficOf(flow: FlowRecord): PlannedTraffic {
  const packets = flow.packetsFwd + flow.packetsBwd
  const bytes = flow.bytesFwd + flow.bytesBwd
  const ip = flow.src.includes(':') ? IPV6_HEADER : IPV4_HEADER
  const headers = ETHERNET + ip + (L4_HEADERS[flow.protocol] ?? 0)
  return { flows: 1, packets, bytes, wireBytesLeast: bytes + packets * headers }
}

/** An open flow that proved its path, with packets both ways. */
export function isLive(flow: FlowRecord, nowMs: number): boolean {
  const { kind, pathProven, packetsFwd, packetsBwd, startUs } = flow
  const isOpen = kind !== 'ended' && nowMs - startUs / 1_000 < MAX_OPEN_MS
  return isOpen && pathProven && packetsFwd > 0 && packetsBwd > 0
}

/**
 * A flow is split 120 s after its start and the sweep that ends it may be late, ms. What was open when idsd was killed
 * has no end, and is older.
 */
export const MAX_OPEN_MS = 150_000
