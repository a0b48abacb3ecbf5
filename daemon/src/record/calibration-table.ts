/** What is learnt of this site, and the thresholds that were fitted to it: two JSON documents. */

import type { Database } from 'better-sqlite3'

export type CalibrationPart = 'run' | 'site'

export interface CalibrationTable {
  /** Undefined where there is none, or what is there is no JSON. */
  calibration(part: CalibrationPart): unknown
  /** Takes the place of the one before; undefined takes it out. */
  saveCalibration(part: CalibrationPart, document: unknown): void
}

export function createCalibrationTable(database: Database): CalibrationTable {
  const read = database.prepare<[string], { document: string }>(
    'SELECT document FROM calibration WHERE part = ?',
  )
  const save = database.prepare('INSERT OR REPLACE INTO calibration (part, document) VALUES (?, ?)')
  const remove = database.prepare('DELETE FROM calibration WHERE part = ?')
  return {
    calibration: (part) => {
      const row = read.get(part)
      if (row === undefined) return undefined
      try {
        return JSON.parse(row.document)
      } catch {
        return undefined
      }
    },
    saveCalibration: (part, document) => {
      if (document === undefined) remove.run(part)
      else save.run(part, JSON.stringify(document))
    },
  }
}
