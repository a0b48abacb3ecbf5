/** Puts a flood into words with its numbers against the thresholds. */

import type { FlowRecord } from '../decode/flow-record.js'
import type { Evidence } from './evidence.js'
import { floodKinds } from './flood-kinds.js'
import type { DetectorOptions } from './options.js'
import type { RingShape, Sustained } from './rate-ring.js'
import { seconds } from './text.js'

export interface FloodFinding {
  /** Number of the kind. */
  readonly kind: number
  readonly destination: string
  /** The sender; undefined: no single one. */
  readonly source: string | undefined
  /** How many there were, about. */
  readonly sources: number
  readonly flows: readonly FlowRecord[]
  readonly window: Sustained
  readonly shape: RingShape
}

export function floodEvidence(found: FloodFinding, nowMs: number, options: DetectorOptions): Evidence {
  const { destination, source, window, shape, flows } = found
  const kind = floodKinds[found.kind]!
  const { perSecond, windowMs, points } = kind.options(options)
  const wait = seconds(options.answerTimeoutMs)
  const sum = Math.round(window.sum)
  const rate = Math.round((window.sum * 1_000) / windowMs)
  const who =
    source === undefined ? `from about ${found.sources} sources, none of which alone sent so many, ` : ''
  return {
    source: source ?? destination,
    about: source === undefined ? 'destination' : 'source',
    detector: kind.name,
    technique: 'T1498',
    severity: source === undefined ? 'critical' : 'high',
    text:
      `${kind.name}: ${sum} ${kind.unit} to ${destination} ${who}in ${seconds(windowMs)}, ${rate}/s ` +
      `(threshold ${perSecond}/s for ${seconds(windowMs)}), ${kind.explanation} for ${wait}`,
    points: source === undefined ? 0 : points,
    pointsLastMs: 2 * windowMs,
    isProven: false,
    atMs: nowMs,
    packetUs: Math.min(nowMs * 1_000, (window.lastSlot + 1) * shape.slotUs + shape.waitUs),
    flows: [...flows],
    scores: flows.map(() => Number.NaN),
  }
}
