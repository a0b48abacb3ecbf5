/** Puts a scan into words with its numbers against the thresholds. */

import type { Evidence } from './evidence.js'
import type { DetectorOptions } from './options.js'
import type { ScanKind } from './scan-kinds.js'
import type { Group, Probe } from './scan-probe.js'
import { MAX_FLOWS, percent, seconds } from './text.js'

/** 1 when it did not open: refused, or silent (a pending one is judged only when its time is up). */
export function isUnanswered({ outcome }: Probe): 0 | 1 {
  return outcome === 'pending' || outcome === 'refused' ? 1 : 0
}

/** @param probes by time, at least one, none used before */
export function scanEvidence(
  kind: ScanKind,
  group: Group,
  probes: readonly Probe[],
  nowMs: number,
  options: DetectorOptions,
): Evidence {
  const { count, windowMs, unansweredShare, points } = kind.options(options)
  const shut = probes.filter((probe) => isUnanswered(probe) === 1)
  const spanUs = probes[probes.length - 1]!.sinceUs - probes[0]!.sinceUs
  const threshold = `threshold ${count} in ${seconds(windowMs)}`
  const unanswered =
    `${shut.length} of ${probes.length} unanswered or reset ` +
    `(${percent(shut.length / probes.length)}, threshold ${percent(unansweredShare)})`
  const shown = shut.slice(0, MAX_FLOWS)
  return {
    source: group.state.source,
    about: 'source',
    detector: kind.name,
    technique: 'T1046',
    severity: 'medium',
    text: `${kind.name}: ${kind.words(probes, group)} in ${seconds(spanUs / 1_000)} (${threshold}), ${unanswered}`,
    points,
    pointsLastMs: 2 * windowMs,
    // One bare connection of an honest owner must not turn a forged scan into proof; the policy knows of it anyway.
    isProven: false,
    atMs: nowMs,
    packetUs: shut.reduce((latest, probe) => Math.max(latest, completeUs(probe, options)), 0),
    flows: shown.map(({ flow }) => flow),
    scores: shown.map(({ score }) => score),
  }
}

/** When it was known to be shut: at its reset, or at the end of the wait. */
function completeUs({ outcome, packetUs }: Probe, { answerTimeoutMs }: DetectorOptions): number {
  return outcome === 'pending' ? packetUs + answerTimeoutMs * 1_000 : packetUs
}
