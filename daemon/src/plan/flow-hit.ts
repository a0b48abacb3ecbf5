/** Whom of a flow the block stage judges, and what its packets weigh on the wire. Pure. */

import type { FlowRecord } from '../decode/flow-record.js'
import { noTraffic, type PlannedAction, type PlannedTraffic } from './plan.js'

/** Ethernet header, bytes. */
const ETHERNET = 14
const IPV4_HEADER = 20
const IPV6_HEADER = 40
const TCP = 6
const UDP = 17
/** Headers without options, bytes, by IP protocol: TCP (RFC 9293), UDP (RFC 768), ICMP (RFC 792, RFC 4443). */
const L4_HEADERS: Readonly<Record<number, number>> = { [TCP]: 20, [UDP]: 8, 1: 8, 58: 8 }

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
  return weighed(flow, flow.packetsFwd + flow.packetsBwd, flow.bytesFwd + flow.bytesBwd)
}

/** What an action against the address keeps back of a flow that the address is judged by; `count` counts so much. */
export interface KeptBack {
  readonly traffic: PlannedTraffic
  /** It is no more than that; else exactly that. */
  readonly isAtMost: boolean
}

/** As in bpf/ladder.h: a limit and a SYN drop are about what arrives, and flows are spared once they are proven. */
export function keptBack(flow: FlowRecord, address: string, does: PlannedAction): KeptBack {
  const { action, sparesFlows = false } = does
  const isPart = action === 'limit' || action === 'synDrop'
  if (!isPart && !sparesFlows) return { traffic: trafficOf(flow), isAtMost: false }
  if (sparesFlows && isSurelySpared(flow)) return { traffic: noTraffic, isAtMost: false }
  const isSource = flow.src === address
  const arriving = isSource ? flow.packetsFwd : flow.packetsBwd
  if (action === 'synDrop') {
    const packets = Math.min(synsFrom(flow, address), arriving)
    return packets === 0
      ? { traffic: noTraffic, isAtMost: false }
      : { traffic: weighed(flow, packets, 0), isAtMost: true }
  }
  if (!isPart) return { traffic: trafficOf(flow), isAtMost: true }
  if (arriving === 0) return { traffic: noTraffic, isAtMost: false }
  return { traffic: weighed(flow, arriving, isSource ? flow.bytesFwd : flow.bytesBwd), isAtMost: true }
}

/** SYNs that begin a connection, at most: of an answered handshake one is the answer. */
function synsFrom(flow: FlowRecord, address: string): number {
  const { protocol, synCount, pathProven, src, dst, firstBackward } = flow
  if (protocol !== TCP || (firstBackward ? dst : src) !== address) return 0
  return pathProven && synCount > 1 ? synCount - 1 : synCount
}

/** Our side opened it, or it was proven before it was split; of all others a part may be. */
function isSurelySpared(flow: FlowRecord): boolean {
  const { protocol, firstIngress, firstBackward, isContinuation, pathProven, synCount } = flow
  if (protocol === TCP) return isContinuation ? pathProven : !firstIngress && synCount > 0
  return protocol === UDP && !firstIngress && !firstBackward
}

/** @param bytes L4 payload */
function weighed(flow: FlowRecord, packets: number, bytes: number): PlannedTraffic {
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
