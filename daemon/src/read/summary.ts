/** What a reading of a capture says at its end, for people. Pure. */

import { type DetectorName, detectorNames } from '../detect/evidence.js'
import type { DecisionKind } from '../enforce/decision.js'
import type { MetersReading } from '../publish/meters.js'
import type { Reading } from './read-capture.js'

/** One line: what was in the capture, and what was found. */
export function readingSummary({ facts, found }: Reading): string {
  const { packets, flows, firstUs = 0, lastUs = 0, unparsed, tableFull } = facts
  const seconds = ((lastUs - firstUs) / 1e6).toFixed(1)
  const without = sumOf(unparsed.values())
  const alerts = alertsByDetector(found)
  const decisions = decisionsByKind(found)
  return [
    `${plural(packets, 'packet')}, ${plural(flows, 'flow')}, ${seconds} s`,
    ...(without === 0 ? [] : [`${without} without a flow${named(unparsed)}`]),
    ...(tableFull === 0 ? [] : [`${tableFull} found no room in the flow table`]),
    `${plural(sumOf(alerts.values()), 'alert')}${named(alerts)}`,
    `${plural(sumOf(decisions.values()), 'decision')}${named(decisions)}`,
  ].join('; ')
}

/** Without those at 0. */
export function alertsByDetector({ alerts }: MetersReading): Map<DetectorName, number> {
  const counts = detectorNames.map((name) => [name, sumOf(Object.values(alerts[name]))] as const)
  return new Map(counts.filter(([, count]) => count > 0))
}

/** Without those at 0. */
export function decisionsByKind({ decisionsMade }: MetersReading): Map<DecisionKind, number> {
  const counts = new Map<DecisionKind, number>()
  for (const { kind, count } of decisionsMade)
    if (count > 0) counts.set(kind, (counts.get(kind) ?? 0) + count)
  return counts
}

function sumOf(counts: Iterable<number>): number {
  return [...counts].reduce((sum, count) => sum + count, 0)
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

/** ` (login 2, scan_vertical 1)`; '' for nothing. */
function named(counts: ReadonlyMap<string, number>): string {
  if (counts.size === 0) return ''
  return ` (${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')})`
}
