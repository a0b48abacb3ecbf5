/** The trial that runs, so that a start after a kill goes on with it, or takes it back. */

import type { Database } from 'better-sqlite3'
import type { TrialChange } from '../enforce/trial-world.js'

export interface TrialRow {
  /** `confirmed`: what it changed is stored as if it had never been on trial; only the kernel's entries may lag. */
  readonly state: 'running' | 'confirmed'
  /** Wall time, ms. */
  readonly sinceMs: number
  /** CLOCK_BOOTTIME, us, of the boot that `bootId` names. */
  readonly untilBootUs: number
  readonly bootId: string
  readonly by: string
  /** What was done, in words. */
  readonly what: string
  /** '' where none was given. */
  readonly reason: string
  readonly change: TrialChange
  /** Text of the settings that were applied; null: those that were applied before were taken out; absent: no change. */
  readonly applied?: string | null
}

export interface TrialTable {
  /** Undefined when there is none. It may be over. */
  trial(): TrialRow | undefined
  /** Takes the place of the one before; undefined takes it out. */
  saveTrial(row: TrialRow | undefined): void
}

interface Stored {
  readonly state: TrialRow['state']
  readonly content: string
}

export function createTrialTable(database: Database): TrialTable {
  const read = database.prepare<[], Stored>('SELECT state, content FROM trial')
  const save = database.prepare('INSERT OR REPLACE INTO trial (id, state, content) VALUES (1, ?, ?)')
  const remove = database.prepare('DELETE FROM trial')
  return {
    trial: () => {
      const row = read.get()
      return row && { ...(JSON.parse(row.content) as Omit<TrialRow, 'state'>), state: row.state }
    },
    saveTrial: (row) => {
      if (row === undefined) {
        remove.run()
        return
      }
      const { state, ...content } = row
      save.run(state, JSON.stringify(content))
    },
  }
}
