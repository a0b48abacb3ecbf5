/** Where the features of a model stand in the rows of a table. */

import { type FeatureColumn, featureColumns } from '../../../daemon/src/features/columns.js'
import { columnNamed } from '../../../daemon/src/score/feature-names.js'

export interface FeaturePlaces {
  /** Column of the table for each feature of the model, in its order; -1 where the table has none: the feature is 0. */
  readonly columns: Int32Array
  /** What idsd gives at zero duration, for each feature; NaN where it depends on the flow. */
  readonly atZeroDuration: Float64Array
  /** 1 where idsd never gives less than 0. */
  readonly isNeverNegative: Uint8Array
  /** Column of `Flow Duration`; -1 without. */
  readonly durationColumn: number
  /** Features of the model that are no column of the table. */
  readonly missing: readonly string[]
  /** Columns of the table that the model does not take. */
  readonly unused: readonly string[]
}

/** Source: `computeFeatures`, whose rates have no time to go by. */
const zeroDuration: Readonly<Record<string, number>> = {
  'Flow Bytes/s': -1,
  'Flow Packets/s': -1,
  'Fwd Packets/s': 0,
  'Bwd Packets/s': 0,
}

/**
 * As `outsideRow` maps a record: a feature may stand under either of its names; where both stand, or one twice, the
 * last counts.
 * @param features names in the model's order
 * @param header names of the table's columns
 */
export function featurePlaces(features: readonly string[], header: readonly string[]): FeaturePlaces {
  const wanted = new Set(features.map(keyOf))
  const byKey = new Map<number | string, number>()
  const unused: string[] = []
  for (const [column, name] of header.entries()) {
    const key = keyOf(name)
    if (wanted.has(key)) byKey.set(key, column)
    else unused.push(name)
  }
  const known = features.map((name): FeatureColumn | undefined => featureColumns[columnNamed(name) ?? -1])
  return {
    columns: Int32Array.from(features, (name) => byKey.get(keyOf(name)) ?? -1),
    atZeroDuration: Float64Array.from(known, (column) => zeroDuration[column?.name ?? ''] ?? Number.NaN),
    isNeverNegative: Uint8Array.from(known, (column) =>
      // Numbers are codes: -1 stands for none.
      column === undefined || column.unit === 'number' ? 0 : 1,
    ),
    durationColumn: header.findLastIndex((name) => name.trim() === 'Flow Duration'),
    missing: features.filter((name) => !byKey.has(keyOf(name))),
    unused,
  }
}

function keyOf(name: string): number | string {
  return columnNamed(name) ?? name.trim()
}
