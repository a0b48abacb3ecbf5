/** Breakers that are tripped, or were a short while ago: a restart neither closes one nor forgets how long it was. */

import type { Database } from 'better-sqlite3'
import type { BreakerState } from '../policy/breaker.js'

export interface BreakerRow extends BreakerState {
  /** SHA-256 of the model bundle in use at the time; '' without one. Another bundle is another origin. */
  readonly bundle: string
}

export interface BreakerTable {
  breakers(): BreakerRow[]
  /** Takes the place of all that were there. */
  saveBreakers(rows: readonly BreakerRow[]): void
}

export function createBreakerTable(database: Database): BreakerTable {
  const read = database.prepare<[], BreakerRow>(
    `SELECT origin, tripped_ms AS trippedAtMs, until_ms AS untilMs, length_ms AS lengthMs, why, bundle FROM breakers
     ORDER BY origin`,
  )
  const clear = database.prepare('DELETE FROM breakers')
  const insert = database.prepare('INSERT INTO breakers VALUES (?, ?, ?, ?, ?, ?)')
  return {
    breakers: () => read.all(),
    saveBreakers: database.transaction((rows: readonly BreakerRow[]) => {
      clear.run()
      for (const { origin, trippedAtMs, untilMs, lengthMs, why, bundle } of rows)
        insert.run(origin, trippedAtMs, untilMs, lengthMs, why, bundle)
    }),
  }
}
