/** The one column that comes from a record and is no feature of models. */

import { flowRecord } from '../kernel/wire.js'

/**
 * `Bwd Seg Size Min`: smallest L4 header of the backward packets, bytes; 0 without any. The corrected CICFlowMeter writes 0
 * unless the flow began backward, which is a slip; here the column means what `Fwd Seg Size Min` means forward.
 * @param at where the full record begins in `view`
 */
export function bwdSegMin(view: DataView, at: number): number {
  return flowRecord.get.flowDir1Packets(view, at) === 0 ? 0 : flowRecord.get.flowDir1SegMin(view, at)
}
