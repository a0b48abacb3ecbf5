/** Who is behind an automatic decision: the detector that gave most of its points, or the model. Pure. */

import type { DetectorName, Evidence } from '../detect/evidence.js'

/** What is needed of a verdict or a decision. */
export interface Led {
  readonly origin: string
  readonly evidence: readonly Pick<Evidence, 'detector' | 'points'>[]
}

/**
 * @returns `model` where it gave more than half of the points; else the detector with most points, of equals the one
 * that fired first; undefined where nothing automatic decided
 */
export function leadOf({ origin, evidence }: Led): DetectorName | undefined {
  if (origin === 'model') return 'model'
  if (origin !== 'detector') return undefined
  const sums = new Map<DetectorName, number>()
  for (const { detector, points } of evidence) {
    if (detector !== 'model') sums.set(detector, (sums.get(detector) ?? 0) + points)
  }
  let lead: DetectorName | undefined
  for (const [detector, sum] of sums) if (lead === undefined || sum > (sums.get(lead) ?? 0)) lead = detector
  return lead
}
