/** What the kernel kept of a source whose flows were over the new-flow budget, and the evidence in it. */

import type { Evidence } from './evidence.js'
import type { DetectorOptions } from './options.js'
import type { SourceState } from './source-states.js'
import { seconds } from './text.js'

export interface SourceSummary {
  /** Canonical text. */
  readonly source: string
  /** Destination of the first packet, canonical text. */
  readonly destination: string
  /** Other destinations were seen too. */
  readonly isManyDestinations: boolean
  readonly packets: number
  /** Packets with SYN and without ACK. */
  readonly syns: number
  /** Estimate. */
  readonly distinctPorts: number
  /** Wall time of the first and last packet, us since 1970. */
  readonly firstUs: number
  readonly lastUs: number
}

/** Share of SYNs from which on the packets are attempts to connect; answers of a resolver have none. */
const MIN_SYN_SHARE = 0.8

/**
 * A scan in one summary, or nothing. A summary grows while the kernel keeps it, so only ports beyond those that were
 * evidence before count.
 */
export function readSummary(
  state: SourceState,
  summary: SourceSummary,
  nowMs: number,
  options: DetectorOptions,
): Evidence | undefined {
  const { destination, packets, syns, distinctPorts, firstUs, lastUs } = summary
  const threshold = Math.ceil(options.scanPorts * options.estimateFactor)
  const spanUs = lastUs - firstUs
  const usedPorts = state.reported?.firstUs === firstUs ? state.reported.ports : 0
  if (summary.isManyDestinations || spanUs > options.scanWindowMs * 1_000) return undefined
  if (distinctPorts - usedPorts < threshold || syns < MIN_SYN_SHARE * packets) return undefined
  state.reported = { firstUs, ports: distinctPorts }
  const limit = `threshold ${threshold} for an estimate, in ${seconds(options.scanWindowMs)}`
  return {
    source: summary.source,
    detector: 'scan_vertical',
    technique: 'T1046',
    severity: 'medium',
    text:
      `scan_vertical: an estimated ${Math.round(distinctPorts)} distinct ports of ${destination} in ` +
      `${seconds(spanUs / 1_000)} (${limit}), ${syns} of ${packets} packets were SYNs, over the new-flow budget`,
    points: options.scanPoints,
    atMs: nowMs,
    packetUs: lastUs,
    flows: [],
    scores: [],
  }
}
