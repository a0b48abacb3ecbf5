/** The panic that lasts, so that a start after a detach or a boot knows of it. */

import type { Database } from 'better-sqlite3'

export interface PanicRow {
  /** Wall time, ms. */
  readonly sinceMs: number
  /** Wall time, ms; 0 = until it is ended. */
  readonly untilMs: number
  readonly by: string
  readonly reason: string
}

export interface PanicTable {
  /** Undefined when there is none. It may be over. */
  panic(): PanicRow | undefined
  /** Takes the place of the one before; undefined takes it out. */
  savePanic(row: PanicRow | undefined): void
}

export function createPanicTable(database: Database): PanicTable {
  const read = database.prepare<[], PanicRow>(
    'SELECT since_ms AS sinceMs, until_ms AS untilMs, started_by AS by, reason FROM panic',
  )
  const save = database.prepare(
    'INSERT OR REPLACE INTO panic (id, since_ms, until_ms, started_by, reason) VALUES (1, ?, ?, ?, ?)',
  )
  const remove = database.prepare('DELETE FROM panic')
  return {
    panic: () => read.get(),
    savePanic: (row) => {
      if (row === undefined) remove.run()
      else save.run(row.sinceMs, row.untilMs, row.by, row.reason)
    },
  }
}
