/** Puts a scan into words with its numbers against the thresholds. */

import type { Evidence } from './evidence.js'
import type { DetectorOptions } from './options.js'
import { MAX_FLOWS, seconds } from './text.js'
import type { Port } from './vertical-scan.js'

/** 1 when the port did not open: refused, or silent (a pending port is judged only when its time is up). */
export function countUnanswered({ outcome }: Port): number {
  return outcome === 'pending' || outcome === 'refused' ? 1 : 0
}

/** @param ports by time, at least one, none used before */
export function scanEvidence(
  source: string,
  host: string,
  ports: readonly Port[],
  nowMs: number,
  options: DetectorOptions,
): Evidence {
  const shut = ports.filter((port) => countUnanswered(port) === 1)
  const spanUs = ports[ports.length - 1]!.sinceUs - ports[0]!.sinceUs
  const share = Math.floor((100 * shut.length) / ports.length)
  const counted =
    `${ports.length} distinct ${protocols(ports)} ports of ${host} in ${seconds(spanUs / 1_000)} ` +
    `(threshold ${options.scanPorts} in ${seconds(options.scanWindowMs)})`
  const unanswered =
    `${shut.length} of ${ports.length} unanswered or reset ` +
    `(${share} %, threshold ${Math.round(100 * options.scanUnansweredShare)} %)`
  const shown = shut.slice(0, MAX_FLOWS)
  return {
    source,
    detector: 'scan_vertical',
    technique: 'T1046',
    severity: 'medium',
    text: `scan_vertical: ${counted}, ${unanswered}`,
    points: options.scanPoints,
    atMs: nowMs,
    packetUs: shut.reduce((latest, { packetUs }) => Math.max(latest, packetUs), 0),
    flows: shown.map(({ flow }) => flow),
    scores: shown.map(({ score }) => score),
  }
}

function protocols(ports: readonly Port[]): string {
  const names = new Set(ports.map(({ flow }) => (flow.protocol === 6 ? 'TCP' : 'UDP')))
  return [...names].sort().join(' and ')
}
