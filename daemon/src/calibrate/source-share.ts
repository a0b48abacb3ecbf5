/**
 * Which sources are learnt from when more flows come than can be measured beside the work that must be done: whole sources
 * are left out, by their name alone, so that what the others do is measured as it is and stands for all.
 */

import type { FlowRecord } from '../decode/flow-record.js'

export interface SourceShare {
  /** One in so many sources: 1, 2, 4 and so on. */
  readonly oneIn: number
  /** Takes note of a batch. @param uptimeMs time that does not go back @returns whether `oneIn` changed */
  count(flows: readonly FlowRecord[], uptimeMs: number): boolean
  keeps(source: string): boolean
}

/** Records of a second that are measured, about: at 8.4 us each that is a sixth of a core. */
export const MAX_PER_SECOND = 20_000
const MAX_ONE_IN = 4_096
const SECOND_MS = 1_000
/** Seconds of little traffic before more sources are looked at again. */
const QUIET_SECONDS = 10

export function createSourceShare(maxPerSecond = MAX_PER_SECOND): SourceShare {
  let oneIn = 1
  let kept = 0
  let sinceMs = Number.NEGATIVE_INFINITY
  let quiet = 0
  const keeps = (source: string) => oneIn === 1 || numberOf(source) % oneIn === 0
  return {
    get oneIn() {
      return oneIn
    },
    keeps,
    count: (flows, uptimeMs) => {
      if (uptimeMs - sinceMs >= SECOND_MS) {
        sinceMs = uptimeMs
        quiet = kept < maxPerSecond / 4 ? quiet + 1 : 0
        kept = 0
        if (oneIn > 1 && quiet >= QUIET_SECONDS) {
          quiet = 0
          oneIn /= 2
          return true
        }
      }
      for (const { src } of flows) if (keeps(src)) kept++
      if (kept <= maxPerSecond || oneIn >= MAX_ONE_IN) return false
      oneIn *= 2
      kept /= 2
      quiet = 0
      return true
    },
  }
}

/** A number for an address. Source: FNV-1a, 32 bits, draft-eastlake-fnv; the end is the finalizer of MurmurHash3. */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
