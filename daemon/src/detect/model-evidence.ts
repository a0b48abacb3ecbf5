/** Puts a score over the threshold into words. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence, Severity } from './evidence.js'
import { provesSource } from './proof.js'
import { seconds } from './text.js'

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' }

export function modelEvidence(
  flow: FlowRecord,
  score: number,
  threshold: number,
  nowMs: number,
  points: number,
  severity: Severity,
): Evidence {
  const { src, dst, srcPort, dstPort } = flow
  const protocol = PROTOCOLS[flow.protocol] ?? `protocol ${flow.protocol}`
  const packets = flow.packetsFwd + flow.packetsBwd
  const bytes = flow.bytesFwd + flow.bytesBwd
  return {
    source: src,
    about: 'source',
    detector: 'model',
    technique: '',
    severity,
    text:
      `model: score ${score.toFixed(4)} (threshold ${threshold.toFixed(4)}) of ${protocol} from ${src} port ${srcPort} ` +
      `to ${dst} port ${dstPort}, ${packets} packets and ${bytes} B in ${seconds((flow.lastUs - flow.startUs) / 1_000)}`,
    points,
    // The least that any evidence lasts is the policy's.
    pointsLastMs: 0,
    isProven: provesSource(flow),
    atMs: nowMs,
    packetUs: flow.lastUs,
    flows: [flow],
    scores: [score],
  }
}
