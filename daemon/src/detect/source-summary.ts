/** What the kernel kept of a source whose flows were over the new-flow budget, and the evidence in it. */

import type { Evidence } from './evidence.js'
import type { Flood } from './flood.js'
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

/** Times of a summary are whole milliseconds of another clock, so the same one may come out this much apart, us. */
const SAME_US = 2_000

/**
 * Takes in a summary: its SYNs since the last one count in the flood of its destination, its ports may be a scan. A
 * summary grows while the kernel keeps it, so only ports beyond those that were evidence before count.
 */
export function readSummary(
  state: SourceState,
  summary: SourceSummary,
  flood: Pick<Flood, 'addSyns'>,
  nowMs: number,
  options: DetectorOptions,
): Evidence | undefined {
  const { destination, firstUs, lastUs, syns } = summary
  let last = state.summary
  if (last === undefined || Math.abs(last.firstUs - firstUs) > SAME_US || syns < last.syns) {
    last = { firstUs, lastUs: firstUs, syns: 0, usedPorts: 0 }
    state.summary = last
  }
  if (summary.isManyDestinations) return undefined
  if (syns > last.syns) {
    flood.addSyns(state, destination, Math.min(last.lastUs, lastUs), lastUs, syns - last.syns)
    last.lastUs = lastUs
    last.syns = syns
  }
  return readScan(summary, last, nowMs, options)
}

function readScan(
  { source, destination, packets, syns, distinctPorts, firstUs, lastUs }: SourceSummary,
  last: { usedPorts: number },
  nowMs: number,
  options: DetectorOptions,
): Evidence | undefined {
  const { count, windowMs, points } = options.scanVertical
  const threshold = Math.ceil(count * options.estimateFactor)
  const spanUs = lastUs - firstUs
  if (spanUs > windowMs * 1_000) return undefined
  if (distinctPorts - last.usedPorts < threshold || syns < MIN_SYN_SHARE * packets) return undefined
  last.usedPorts = distinctPorts
  const limit = `threshold ${threshold} for an estimate, in ${seconds(windowMs)}`
  return {
    source,
    about: 'source',
    detector: 'scan_vertical',
    technique: 'T1046',
    severity: 'medium',
    text:
      `scan_vertical: an estimated ${Math.round(distinctPorts)} distinct ports of ${destination} in ` +
      `${seconds(spanUs / 1_000)} (${limit}), ${syns} of ${packets} packets were SYNs, over the new-flow budget`,
    points,
    pointsLastMs: 2 * windowMs,
    isProven: false,
    atMs: nowMs,
    packetUs: lastUs,
    flows: [],
    scores: [],
  }
}
