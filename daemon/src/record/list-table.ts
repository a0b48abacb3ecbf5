/**
 * Imported lists: a row for each, its entries as parts of a few hundred kilobytes, so that no write holds the main loop
 * up. Parts of a version are written before the row names it: who is killed in between leaves the old list whole.
 */

import type { Database } from 'better-sqlite3'
import type { Limit } from '../enforce/decision.js'
import type { TableReading } from '../kernel/list-maps.js'
import type { ListRow } from '../lists/list-row.js'
import { createSettledMaps } from './settled-maps.js'

/** What a list met in all. */
export type ListTotal = Pick<ListRow, 'name' | 'packets' | 'bytes' | 'droppedPackets' | 'lastSeenMs'>

export interface ListTable {
  /** By name. */
  listRows(): ListRow[]
  /** A number that no list and no version ever had. */
  reserveListNumber(): number
  /** A row of the same name is replaced; what the list met stays as it was stored, where it is the same list. */
  saveList(row: ListRow): void
  /** @returns whether it was there */
  removeList(name: string): boolean
  saveListPart(version: number, part: number, bytes: Uint8Array): void
  /** All bytes of a version. */
  listBytes(version: number): Buffer
  /** Takes out at most so many parts that no row and no trial names. @returns how many */
  dropListParts(most: number): number
  /**
   * @param readings the part of these totals that each table has counted
   * @param settled tables that are in these totals to their end: they are never asked again
   */
  saveListHits(
    rows: readonly ListTotal[],
    readings?: readonly TableReading[],
    settled?: readonly number[],
  ): void
  /** Readings of a table, by number of the list; undefined where the table is settled. */
  listReadings(table: number): ReadonlyMap<number, TableReading> | undefined
}

const COLUMNS = `name, number, version, action, entries, source, reason, created_ms AS createdAtMs,
  created_by AS createdBy, expires_ms AS expiresAtMs, packets, bytes, dropped_packets AS droppedPackets,
  last_seen_ms AS lastSeenMs, limit_unit AS unit, limit_per_second AS perSecond`

/** `unit` is '' where the list does not limit. */
type Stored = Omit<ListRow, 'limit'> & { readonly unit: Limit['unit'] | ''; readonly perSecond: number }

export function createListTable(database: Database): ListTable {
  const read = database.prepare<[], Stored>(`SELECT ${COLUMNS} FROM lists ORDER BY name`)
  const met = ['packets', 'bytes', 'dropped_packets', 'last_seen_ms']
  const rest = [
    'number',
    'version',
    'action',
    'entries',
    'source',
    'reason',
    'created_ms',
    'created_by',
    'expires_ms',
    'limit_unit',
    'limit_per_second',
  ]
  const save = database.prepare(
    `INSERT INTO lists VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
     ${met.map((one) => `${one} = CASE WHEN number = excluded.number THEN ${one} ELSE excluded.${one} END`).join(', ')},
     ${rest.map((one) => `${one} = excluded.${one}`).join(', ')}`,
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
  const putReading = database.prepare(
    `INSERT OR REPLACE INTO list_readings (list, table_number, packets, bytes, dropped) VALUES (?, ?, ?, ?, ?)`,
  )
  const readingsOf = database.prepare<[number], TableReading>(
    'SELECT list, table_number AS "table", packets, bytes, dropped FROM list_readings WHERE table_number = ?',
  )
  const dropReadings = database.prepare('DELETE FROM list_readings WHERE table_number = ?')
  const settledMaps = createSettledMaps(database)
  return {
    listRows: () => read.all().map(rowOf),
    reserveListNumber: () => reserve.get() as number,
    saveList: ({ name, number, version, action, entries, source, reason, ...row }) => {
      const first = [name, number, version, action, entries, source, reason]
      const times = [row.createdAtMs, row.createdBy, row.expiresAtMs]
      save.run(
        ...first,
        ...times,
        row.packets,
        row.bytes,
        row.droppedPackets,
        row.lastSeenMs,
        ...limitOf(row),
      )
    },
    removeList: (name) => remove.run(name).changes > 0,
    saveListPart: (version, part, bytes) => void savePart.run(version, part, Buffer.from(bytes)),
    listBytes: (version) => Buffer.concat(parts.all(version)),
    dropListParts: (most) => drop.run(most).changes,
    saveListHits: database.transaction(
      (
        rows: readonly ListTotal[],
        readings: readonly TableReading[] = [],
        settled: readonly number[] = [],
      ) => {
        for (const { name, packets, bytes, droppedPackets, lastSeenMs } of rows)
          hits.run(packets, bytes, droppedPackets, lastSeenMs, name)
        for (const { table, list, packets, bytes, dropped } of readings)
          putReading.run(list, table, packets, bytes, dropped)
        settledMaps.add(settled)
        for (const table of settled) dropReadings.run(table)
      },
    ),
    listReadings: (table) =>
      !settledMaps.has(table) ? new Map(readingsOf.all(table).map((one) => [one.list, one])) : undefined,
  }
}

function rowOf({ unit, perSecond, ...row }: Stored): ListRow {
  return unit === '' ? row : { ...row, limit: { unit, perSecond } }
}

function limitOf({ limit }: Pick<ListRow, 'limit'>): readonly [unit: string, perSecond: number] {
  return limit === undefined ? ['', 0] : [limit.unit, limit.perSecond]
}
