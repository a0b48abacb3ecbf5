/** Which flows keep their features: all with a high score, and a sample of the rest that is the same in every run. */

export interface FeatureSample {
  /** Flows with a score from here on keep their features, in [0, 1]. */
  readonly featuresMinScore: number
  /** Of the others so many, in percent. */
  readonly samplePercent: number
}

/** Parts in which a flow's place is counted: a hundredth of a percent. */
const PARTS = 10_000

/** @param score in [0, 1]; NaN when the flow was not scored */
export function wantsFeatures(flowId: number, score: number, sample: FeatureSample): boolean {
  if (score >= sample.featuresMinScore) return true
  return placeOf(flowId) % PARTS < sample.samplePercent * (PARTS / 100)
}

/**
 * Spreads ids, which count up, over 32 bits: multiply and fold, twice.
 * Source: the finalizer of MurmurHash3, github.com/aappleby/smhasher, in the public domain.
 */
function placeOf(flowId: number): number {
  let place = (flowId >>> 0) ^ Math.imul(Math.floor(flowId / 2 ** 32), 0x9e3779b1)
  place = Math.imul(place ^ (place >>> 16), 0x85ebca6b)
  place = Math.imul(place ^ (place >>> 13), 0xc2b2ae35)
  return (place ^ (place >>> 16)) >>> 0
}
