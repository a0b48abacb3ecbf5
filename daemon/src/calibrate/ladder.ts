/**
 * The same detectors at other thresholds, beside those that decide: what fires at which height is the measure of what a
 * site does. What they find is counted and never leaves here.
 */

import type { Config } from '../config/config.js'
import type { FlowRecord } from '../decode/flow-record.js'
import { createDetectors, type Detectors, type DetectorsSurroundings } from '../detect/detectors.js'
import type { Evidence } from '../detect/evidence.js'
import { detectorOptions } from '../room-options.js'
import { type FittedDetector, fitted, scaled, thresholdsOf, withThresholds } from './thresholds.js'

/** Heights as multiples of the thresholds in force, from the lowest. */
export const LEVELS = [0.5, 1, 1.5, 2, 3, 4, 6, 8] as const
/** The place of the thresholds in force: the detectors that decide measure it. */
export const IN_FORCE = LEVELS.indexOf(1)

/** One firing about a source. */
export interface Firing {
  readonly source: string
  readonly detector: FittedDetector
  /** Place in `LEVELS`. */
  readonly level: number
}

export interface Ladder {
  /** @param found what the detectors in force found in the same batch */
  observe(flows: readonly FlowRecord[], found: readonly Evidence[], nowMs: number, heardMs: number): Firing[]
}

/** Memory of each height: a quarter of what those in force may take. */
const SIZES = { maxSources: 16_384, maxProbes: 65_536, maxFlows: 65_536 }

const names = new Set<string>(fitted.map(({ detector }) => detector))

/** @param config with the thresholds in force */
export function createLadder(config: Config, surroundings: DetectorsSurroundings): Ladder {
  const heights: { readonly level: number; readonly detectors: Detectors }[] = []
  LEVELS.forEach((factor, level) => {
    if (level === IN_FORCE) return
    const options = { ...detectorOptions(atLevel(config, factor)), ...SIZES }
    heights.push({ level, detectors: createDetectors(options, surroundings) })
  })
  return {
    observe: (flows, found, nowMs, heardMs) => {
      const firings = asFirings(found, IN_FORCE)
      for (const { level, detectors } of heights) {
        const seen = detectors.observe(flows, [], nowMs, undefined, undefined, heardMs)
        firings.push(...asFirings([...seen, ...detectors.tick(nowMs, heardMs)], level))
      }
      return firings
    },
  }
}

/** A configuration whose thresholds are so many times as high. */
export function atLevel(config: Config, factor: number): Config {
  const before = thresholdsOf(config)
  return withThresholds(
    config,
    Object.fromEntries(
      fitted.map((key) => [key.detector, scaled(key, before[key.detector], factor)] as const),
    ),
  )
}

function asFirings(found: readonly Evidence[], level: number): Firing[] {
  return found.flatMap(({ about, source, detector }) =>
    about === 'source' && names.has(detector)
      ? [{ source, detector: detector as FittedDetector, level }]
      : [],
  )
}
