/** Writes flows and their features: a row for each, whatever was stored of it before. */

import type { Database } from 'better-sqlite3'
import { END_FLOW, endValues, flowValues, MERGE_FLOW, scoreValue, UPSERT_FLOW } from './flow-rows.js'
import type { WaitingFlow } from './waiting-flows.js'

export type WriteFlow = (waiting: Omit<WaitingFlow, 'sinceMs' | 'isOut'>) => void

/** Of equal or higher score the later features stay. */
const UPSERT_FEATURES = `
  INSERT INTO flow_features VALUES (?, ?, ?, ?)
  ON CONFLICT (flow_id) DO UPDATE SET
    feature_set = excluded.feature_set, score = excluded.score, features = excluded.features
  WHERE coalesce(excluded.score, -1) >= coalesce(score, -1)`

/** Records that a flow had at least, when something of it is stored before its end: opened, snapshot. */
const SEQ_OF_STORED = 2

/** @param featureSet number of the columns that features have */
export function createFlowWriter(database: Database, featureSet: number): WriteFlow {
  const upsert = database.prepare(UPSERT_FLOW)
  const end = database.prepare(END_FLOW)
  const merge = database.prepare(MERGE_FLOW)
  const upsertFeatures = database.prepare(UPSERT_FEATURES)

  return ({ flow, score, reasons, features }) => {
    const isEndOfStored =
      flow.kind === 'ended' &&
      flow.seq >= SEQ_OF_STORED &&
      end.run(endValues(flow, score, reasons)).changes > 0
    if (!isEndOfStored && upsert.run(flowValues(flow, score, reasons)).changes === 0) {
      merge.run(scoreValue(score), scoreValue(score), reasons, flow.id)
    }
    if (features !== undefined) {
      const { buffer, byteOffset, byteLength } = features.values
      upsertFeatures.run(
        flow.id,
        featureSet,
        scoreValue(features.score),
        Buffer.from(buffer, byteOffset, byteLength),
      )
    }
  }
}
