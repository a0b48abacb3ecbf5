/** One flow as numbers and texts, read from its record into the same arrays over and over. */

import { bwdSegMin } from '../../../daemon/src/features/bwd-seg-min.js'
import { featureCount } from '../../../daemon/src/features/columns.js'
import { computeFeatures } from '../../../daemon/src/features/compute.js'
import { flowRecord } from '../../../daemon/src/kernel/wire.js'

/** Places in `FlowRow.numbers` behind the features, which come first in the order of `featureColumns`. */
export const places = {
  bwdSegMin: featureCount,
  retransmissionsFwd: featureCount + 1,
  retransmissionsBwd: featureCount + 2,
  retransmissions: featureCount + 3,
  srcPort: featureCount + 4,
  dstPort: featureCount + 5,
  protocol: featureCount + 6,
  startUs: featureCount + 7,
  lastUs: featureCount + 8,
  /** Always 0. */
  zero: featureCount + 9,
} as const

export interface FlowRow {
  /** By place; NaN where it is not known: retransmissions that were not asked for. */
  readonly numbers: Float64Array
  /** Holds both addresses, 16 bytes each in network order, IPv4 as ::ffff:0:0/96. */
  readonly view: DataView
  /** Where the addresses begin in `view`. */
  readonly srcAt: number
  readonly dstAt: number
}

export interface FlowReader {
  /** Of the record that was read last. */
  readonly row: FlowRow
  /**
   * @param at where a full record begins in `view`
   * @returns where the next one begins
   */
  read(view: DataView, at: number): number
}

export function createFlowReader(): FlowReader {
  const { get, offset, size } = flowRecord
  const numbers = new Float64Array(places.zero + 1)
  const row = { numbers, view: new DataView(new ArrayBuffer(0)) as DataView, srcAt: 0, dstAt: 0 }
  return {
    row,
    read(view, at) {
      const isSwapped = get.flowOrientation(view, at) === 1
      const startUs = get.flowStartUs(view, at)
      const portA = get.keyPortA(view, at)
      const portB = get.keyPortB(view, at)
      row.view = view
      row.srcAt = at + (isSwapped ? offset.keyB : offset.keyA)
      row.dstAt = at + (isSwapped ? offset.keyA : offset.keyB)
      computeFeatures(view, at, numbers)
      numbers[places.bwdSegMin] = bwdSegMin(view, at)
      numbers[places.srcPort] = isSwapped ? portB : portA
      numbers[places.dstPort] = isSwapped ? portA : portB
      numbers[places.protocol] = get.keyProtocol(view, at)
      numbers[places.startUs] = startUs
      numbers[places.lastUs] = startUs + get.flowLastUs(view, at)
      const length = get.headerLength(view, at)
      const isCounted = length > size
      const fwd = isCounted ? view.getUint32(at + size, true) : Number.NaN
      const bwd = isCounted ? view.getUint32(at + size + 4, true) : Number.NaN
      numbers[places.retransmissionsFwd] = fwd
      numbers[places.retransmissionsBwd] = bwd
      numbers[places.retransmissions] = fwd + bwd
      return at + length
    },
  }
}
