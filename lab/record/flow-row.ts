/** One row of a recording: who the flow came from, and the features that a model may see. */

import type { FlowRecord } from '../../daemon/src/decode/flow-record.js'
import { featureIndex } from '../../daemon/src/features/columns.js'
import { featureMatrix } from '../../daemon/src/features/compute.js'
import { createDueFilter } from '../../daemon/src/score/due-filter.js'

/** Columns of the tables, in their order; `training/columns.py` reads the same names. */
export const rowFeatures: readonly string[] = [
  'Flow Duration',
  'Total Fwd Packets',
  'Total Backward Packets',
  'Total Length of Fwd Packets',
  'Total Length of Bwd Packets',
  'Fwd Packet Length Max',
  'Fwd Packet Length Min',
  'Fwd Packet Length Mean',
  'Fwd Packet Length Std',
  'Bwd Packet Length Max',
  'Bwd Packet Length Min',
  'Bwd Packet Length Mean',
  'Bwd Packet Length Std',
  'Flow Bytes/s',
  'Flow Packets/s',
  'Flow IAT Mean',
  'Flow IAT Std',
  'Flow IAT Max',
  'Flow IAT Min',
  'Fwd IAT Mean',
  'Fwd IAT Std',
  'Fwd IAT Max',
  'Fwd IAT Min',
  'Bwd IAT Mean',
  'Bwd IAT Std',
  'Bwd IAT Max',
  'Bwd IAT Min',
  'Fwd Packets/s',
  'Bwd Packets/s',
  'Min Packet Length',
  'Max Packet Length',
]
const columns = rowFeatures.map((name) => featureIndex(name)!)

/** Chooses the records that the daemon would score: each flow when it becomes READY, and when it ends. */
export function createRowFilter(): (flow: FlowRecord, offset: number) => boolean {
  const isDue = createDueFilter([])
  return (flow, offset) => offset >= 0 && isDue(flow)
}

/** Cells of the features of one record, six significant digits. */
export function featureCells(view: DataView, offset: number): string[] {
  return [...featureMatrix(view, [offset], columns)].map((value) => String(Number(value.toPrecision(6))))
}
