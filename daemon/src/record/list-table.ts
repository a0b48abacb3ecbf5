/**
 * Imported lists: a row for each, its entries as parts of a few hundred kilobytes, so that no write holds the main loop
 * up. Parts of a version are written before the row names it: who is killed in between leaves the old list whole.
 */

import type { Database } from 'better-sqlite3'
import type { ListRow } from '../lists/list-row.js'

export interface ListTable {
  /** By name. */
  listRows(): ListRow[]
  /** A number that no list and no version ever had. */
  reserveListNumber(): number
  /** A row of the same name is replaced. */
  saveList(row: ListRow): void
  /** @returns whether it was there */
  removeList(name: string): boolean
  saveListPart(version: number, part: number, bytes: Uint8Array): void
  /** All bytes of a version. */
  listBytes(version: number): Buffer
  /** Takes out at most so many parts that no row and no trial names. @returns how many */
  dropListParts(most: number): number
  saveListHits(
    rows: readonly Pick<ListRow, 'name' | 'packets' | 'bytes' | 'droppedPackets' | 'lastSeenMs'>[],
  ): void
}

const COLUMNS = `name, number, version, action, entries, source, reason, created_ms AS createdAtMs,
  created_by AS createdBy, expires_ms AS expiresAtMs, packets, bytes, dropped_packets AS droppedPackets,
  last_seen_ms AS lastSeenMs`

export function createListTable(database: Database): ListTable {
  const read = database.prepare<[], ListRow>(`SELECT ${COLUMNS} FROM lists ORDER BY name`)
  const save = database.prepare(
    'INSERT OR REPLACE INTO lists VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const remove = database.prepare('DELETE FROM lists WHERE name = ?')
  const reserve = database
    .prepare<[], number>('UPDATE list_numbers SET last = last + 1 RETURNING last')
    .pluck()
  const savePart = database.prepare('INSERT OR REPLACE INTO list_parts VALUES (?, ?, ?)')
  const parts = database
    .prepare<[number], Buffer>('SELECT bytes FROM list_parts WHERE version = ? ORDER BY part')
    .pluck()
  const drop = database.prepare(
    `DELETE FROM list_parts WHERE (version, part) IN (SELECT version, part FROM list_parts
     WHERE version NOT IN (SELECT version FROM lists) AND version NOT IN (
       SELECT json_extract(saved.value, '$.version')
       FROM trial, json_each(trial.content, '$.change.lists.saved') AS saved) LIMIT ?)`,
  )
  const hits = database.prepare(
    'UPDATE lists SET packets = ?, bytes = ?, dropped_packets = ?, last_seen_ms = ? WHERE name = ?',
  )
  return {
    listRows: () => read.all(),
    reserveListNumber: () => reserve.get() as number,
    saveList: ({ name, number, version, action, entries, source, reason, ...row }) => {
      const first = [name, number, version, action, entries, source, reason]
      const times = [row.createdAtMs, row.createdBy, row.expiresAtMs]
      save.run(...first, ...times, row.packets, row.bytes, row.droppedPackets, row.lastSeenMs)
    },
    removeList: (name) => remove.run(name).changes > 0,
    saveListPart: (version, part, bytes) => void savePart.run(version, part, Buffer.from(bytes)),
    listBytes: (version) => Buffer.concat(parts.all(version)),
    dropListParts: (most) => drop.run(most).changes,
    saveListHits: database.transaction((rows: Parameters<ListTable['saveListHits']>[0]) => {
      for (const { name, packets, bytes, droppedPackets, lastSeenMs } of rows)
        hits.run(packets, bytes, droppedPackets, lastSeenMs, name)
    }),
  }
}
