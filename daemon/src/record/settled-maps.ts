/** Maps, and tables of imported lists, whose counts are in the stored totals to their end: they are never asked again. */

import type { Database } from 'better-sqlite3'

export interface SettledMaps {
  /** In the transaction that stores the totals. */
  add(maps: readonly number[]): void
  has(maps: number): boolean
}

/** So many are remembered, far more than may have left pins: every import of a list settles a table. */
export const mostSettled = 10_000

export function createSettledMaps(database: Database): SettledMaps {
  const insert = database.prepare('INSERT OR IGNORE INTO settled_maps (maps) VALUES (?)')
  const forget = database.prepare(
    'DELETE FROM settled_maps WHERE number <= (SELECT max(number) FROM settled_maps) - ?',
  )
  const find = database.prepare('SELECT 1 FROM settled_maps WHERE maps = ?')
  return {
    add(maps) {
      for (const one of maps) insert.run(one)
      if (maps.length > 0) forget.run(mostSettled)
    },
    has: (maps) => find.get(maps) !== undefined,
  }
}
