/** Flow records for tests: a SYN without an answer unless told otherwise. */

import type { FlowRecord } from '../decode/flow-record.js'

let ids = 0

/** `startUs` defaults to 1,000 s, `lastUs` to `startUs`; the id is new unless given. */
export function testFlow(given: Partial<FlowRecord> = {}): FlowRecord {
  const startUs = given.startUs ?? 1_000_000_000
  return {
    kind: 'opened',
    id: ++ids,
    seq: 0,
    ifindex: 2,
    src: '10.77.0.2',
    dst: '10.77.0.1',
    srcPort: 40_000,
    dstPort: 80,
    protocol: 6,
    startUs,
    lastUs: startUs,
    packetsFwd: 1,
    packetsBwd: 0,
    bytesFwd: 0,
    bytesBwd: 0,
    synCount: 1,
    finCount: 0,
    rstCount: 0,
    tcpState: 'none',
    endReason: '',
    pathProven: false,
    isTransit: false,
    firstBackward: false,
    firstIngress: true,
    isContinuation: false,
    ...given,
  }
}

/** A closed port: SYN, RST. */
export function refusedFlow(given: Partial<FlowRecord> = {}): FlowRecord {
  return testFlow({ kind: 'snapshot', seq: 1, packetsBwd: 1, rstCount: 1, tcpState: 'ready', ...given })
}

/** An open port: SYN, SYN-ACK. */
export function answeredFlow(given: Partial<FlowRecord> = {}): FlowRecord {
  return testFlow({ kind: 'snapshot', seq: 1, packetsBwd: 1, synCount: 2, ...given })
}

/** A failed login over in 1.2 s with 2,300 B back. */
export function loginFlow(given: Partial<FlowRecord> = {}): FlowRecord {
  const startUs = given.startUs ?? 1_000_000_000
  return testFlow({
    kind: 'snapshot',
    seq: 4,
    dstPort: 22,
    lastUs: startUs + 1_200_000,
    packetsFwd: 14,
    packetsBwd: 12,
    bytesFwd: 1_900,
    bytesBwd: 2_300,
    synCount: 2,
    finCount: 1,
    tcpState: 'fin1',
    pathProven: true,
    ...given,
  })
}
