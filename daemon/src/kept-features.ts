/** The features that are stored with a flow: of all with a high score, and of a sample of the rest. */

import type { FlowRecord } from './decode/flow-record.js'
import { featureColumns } from './features/columns.js'
import { computeFeatures } from './features/compute.js'
import { type FeatureSample, wantsFeatures } from './record/feature-sample.js'
import type { FlowFeatures } from './record/journal.js'

/**
 * All columns of those flows of a batch that were scored or have ended, as far as they are to be kept.
 * @param view the batch's records
 * @param scores of `flows` in their order, in [0, 1]; NaN where a flow was not scored
 * @param offsets where each flow's full record begins in `view`; -1 when it has none
 */
export function keptFeatures(
  view: DataView,
  flows: readonly FlowRecord[],
  scores: Float32Array,
  offsets: readonly number[],
  sample: FeatureSample,
): FlowFeatures[] {
  const kept: FlowFeatures[] = []
  for (let i = 0; i < flows.length; i++) {
    const score = scores[i] as number
    const { id, kind, isTransit } = flows[i] as FlowRecord
    const at = offsets[i] as number
    if (isTransit || at < 0 || (Number.isNaN(score) && kind !== 'ended')) continue
    if (!wantsFeatures(id, score, sample)) continue
    const values = new Float64Array(featureColumns.length)
    computeFeatures(view, at, values)
    kept.push({ flowId: id, score, values })
  }
  return kept
}
