/** Which detectors named a flow: an alert comes first, the records of its flows go on coming. */

import type { DetectorName, Evidence } from '../detect/evidence.js'
import { createRecentMap } from '../recent-map.js'

export interface FlowReasons {
  note(evidence: readonly Evidence[]): void
  /** Detectors whose evidence held this flow, in the order in which they fired; none when it is unknown. */
  of(flowId: number): readonly DetectorName[]
}

const NONE: readonly DetectorName[] = []

/** @param capacity flows remembered; the one named least recently leaves first */
export function createFlowReasons(capacity = 65_536): FlowReasons {
  const known = createRecentMap<number, readonly DetectorName[]>()
  return {
    note: (evidence) => {
      for (const { detector, flows } of evidence) {
        for (const { id } of flows) {
          const before = known.get(id) ?? NONE
          if (before.includes(detector)) continue
          known.set(id, [...before, detector])
          if (known.size > capacity) known.dropOldest()
        }
      }
    },
    of: (flowId) => known.get(flowId) ?? NONE,
  }
}
