/** Which columns stored features have: each set of names has a number, so that features can be read for ever. */

import type { Database } from 'better-sqlite3'

/** All columns of one flow. */
export interface StoredFeatures {
  readonly names: readonly string[]
  /** In the order of `names`. */
  readonly values: Float32Array
}

/** @returns the number of this set; it is added when the database does not know it */
export function featureSetNumber(database: Database, names: readonly string[]): number {
  const text = JSON.stringify(names)
  const find = database.prepare<[string], number>('SELECT version FROM feature_sets WHERE names = ?').pluck()
  const known = find.get(text)
  if (known !== undefined) return known
  const { lastInsertRowid } = database.prepare('INSERT INTO feature_sets (names) VALUES (?)').run(text)
  return Number(lastInsertRowid)
}

/** Reads the features of a flow; undefined when none are stored. */
export function createFeatureReader(database: Database): (flowId: number) => StoredFeatures | undefined {
  const find = database.prepare<[number], { readonly feature_set: number; readonly features: Buffer }>(
    'SELECT feature_set, features FROM flow_features WHERE flow_id = ?',
  )
  const namesOf = database
    .prepare<[number], string>('SELECT names FROM feature_sets WHERE version = ?')
    .pluck()
  const sets = new Map<number, readonly string[]>()
  return (flowId) => {
    const row = find.get(flowId)
    if (row === undefined) return undefined
    const names = sets.get(row.feature_set) ?? (JSON.parse(namesOf.get(row.feature_set) ?? '[]') as string[])
    sets.set(row.feature_set, names)
    return { names, values: new Float32Array(Uint8Array.from(row.features).buffer) }
  }
}
