/** A record from outside, by feature name, as a row of the model. */

import { columnNamed } from './feature-names.js'

export interface OutsideRow {
  /** `Float32Array`, `[features.length]`, in the model's order. */
  readonly row: Float32Array
  /** Features of the model that the record does not have as a finite number: they are 0. */
  readonly missing: readonly string[]
  /** Keys of the record that the model does not take: they are dropped. */
  readonly extra: readonly string[]
}

/**
 * Maps a record onto the model's features. A feature may stand under either of its names (`columnNamed`); where both
 * stand, or one twice, the last counts.
 * @param features names in the model's order; one that idsd does not know must be spelled alike on both sides
 * @param record from feature name to value, in the unit of the column
 */
export function outsideRow(
  features: readonly string[],
  record: Readonly<Record<string, unknown>>,
): OutsideRow {
  const byKey = new Map<number | string, unknown>()
  const wanted = new Set(features.map(keyOf))
  const extra: string[] = []
  for (const [name, value] of Object.entries(record)) {
    const key = keyOf(name)
    if (wanted.has(key)) byKey.set(key, value)
    else extra.push(name)
  }
  const missing: string[] = []
  const row = Float32Array.from(features, (name) => {
    const value = byKey.get(keyOf(name))
    if (typeof value === 'number' && Number.isFinite(value)) return value
    missing.push(name)
    return 0
  })
  return { row, missing, extra }
}

/** Index of the column, or the name itself where idsd has no such column. */
function keyOf(name: string): number | string {
  return columnNamed(name) ?? name.trim()
}
