/** Reads from one flow whether its source tried a port, and what came back. */

import type { FlowRecord } from '../decode/flow-record.js'

const TCP = 6
const UDP = 17

/** Ports of UDP traceroute: base 33434, up to 100 probes. Source: traceroute(8). */
const TRACEROUTE_FIRST = 33_434
const TRACEROUTE_LAST = 33_533

/** Ports below it belong to servers. Source: RFC 6335, system ports. */
const FIRST_USER_PORT = 1_024

/**
 * Whether the flow shows its source trying a port of its destination: TCP from its SYN, UDP from the source's first
 * packet. Traceroute does not count, and neither does UDP from a system port to a user port: that is what the answer
 * of a resolver or a QUIC server looks like when its question was not seen.
 */
export function isProbe(flow: FlowRecord): boolean {
  if (flow.isTransit || flow.firstBackward || flow.isContinuation) return false
  if (flow.protocol === TCP) return flow.synCount > 0
  if (flow.protocol !== UDP) return false
  const isTraceroute = flow.dstPort >= TRACEROUTE_FIRST && flow.dstPort <= TRACEROUTE_LAST
  const isLikeAnswer = flow.srcPort < FIRST_USER_PORT && flow.dstPort >= FIRST_USER_PORT
  return !isTraceroute && !isLikeAnswer
}

/** Whether the flow can be evidence about its source: what isProbe says, and TCP that was seen from its SYN-ACK on. */
export function isWatched(flow: FlowRecord): boolean {
  if (flow.protocol !== TCP) return isProbe(flow)
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
