/** Reads from one flow what its source tried, and what came back. */

import type { FlowRecord } from '../decode/flow-record.js'
import { isMulticast } from './address-kind.js'

export const ICMP = 1
export const TCP = 6
export const UDP = 17
export const ICMPV6 = 58

/** Ports of UDP traceroute: base 33434, up to 100 probes. Source: traceroute(8). */
const TRACEROUTE_FIRST = 33_434
const TRACEROUTE_LAST = 33_533

/** Ports below it belong to servers. Source: RFC 6335, system ports. */
const FIRST_USER_PORT = 1_024

/**
 * Whether the flow shows its source trying a port of its destination: TCP from its SYN, UDP from the source's first
 * packet. Traceroute does not count, and neither does UDP from a system port to a user port: that is what the answer
 * of a resolver or a QUIC server looks like when its question was not seen. Nobody answers multicast.
 */
export function isProbe(flow: FlowRecord): boolean {
  if (flow.isTransit || flow.firstBackward || flow.isContinuation) return false
  if (flow.protocol === TCP) return flow.synCount > 0
  if (flow.protocol !== UDP) return false
  const isTraceroute = flow.dstPort >= TRACEROUTE_FIRST && flow.dstPort <= TRACEROUTE_LAST
  const isLikeAnswer = flow.srcPort < FIRST_USER_PORT && flow.dstPort >= FIRST_USER_PORT
  return !isTraceroute && !isLikeAnswer && !isMulticast(flow.dst)
}

/** Whether a TCP flow was seen from its SYN, or at least from its SYN-ACK on. */
export function isFromSyn(flow: FlowRecord): boolean {
  return flow.synCount > 0 && !flow.isContinuation && !flow.isTransit
}

/**
 * `refused`: nothing but a reset came back. A SYN-ACK also counts as a SYN, so a connection that its source resets at
 * once (a load balancer's check) is `opened`.
 * @param synsAlone SYNs seen before anything came back, at least 1
 */
export function readAnswer(flow: FlowRecord, synsAlone: number): 'none' | 'refused' | 'opened' {
  if (flow.packetsBwd === 0) return 'none'
  const isReset = flow.protocol === TCP && flow.tcpState === 'ready' && flow.rstCount > 0
  return isReset && flow.synCount <= synsAlone && flow.bytesBwd === 0 ? 'refused' : 'opened'
}

/**
 * Whether the source of a TCP flow that was seen from its SYN went on after the answer: it sent more than SYNs, and
 * more than the one reset with which a host refuses a connection that it did not ask for.
 */
export function isCompleted(flow: FlowRecord): boolean {
  if (flow.pathProven) return true
  if (flow.packetsBwd === 0) return false
  // Of the SYNs at most one per packet back was a SYN-ACK.
  const syns = Math.max(1, flow.synCount - flow.packetsBwd)
  const others = flow.packetsFwd - syns
  return others > 1 || (others === 1 && flow.rstCount === 0)
}

/**
 * Whether the flow was a dialogue, so that its source is no blind sender: payload both ways; of TCP also the kernel's
 * proof, or anything back but SYN-ACKs, from an end that did not reset.
 */
export function isTwoWay(flow: FlowRecord): boolean {
  if (flow.protocol === ICMP || flow.protocol === ICMPV6) return false
  if (flow.bytesFwd > 0 && flow.bytesBwd > 0) return true
  if (flow.protocol !== TCP) return false
  return flow.pathProven || (flow.rstCount === 0 && flow.packetsBwd > Math.max(0, flow.synCount - 1))
}
