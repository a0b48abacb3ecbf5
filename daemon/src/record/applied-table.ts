/** Settings that were applied while idsd ran: they outlast it, and stand above the configuration file. */

import type { Database } from 'better-sqlite3'

export interface AppliedTable {
  /** Text of what is applied; undefined when nothing is. */
  applied(): string | undefined
  /** What was applied before that; undefined when nothing was. */
  appliedBefore(): string | undefined
  /** What is applied becomes what was applied before. @param text undefined: nothing is applied from here on */
  saveApplied(text: string | undefined, atMs: number): void
}

export function createAppliedTable(database: Database): AppliedTable {
  const read = database.prepare<[number], string>('SELECT text FROM applied WHERE age = ?').pluck()
  const write = database.prepare('INSERT OR REPLACE INTO applied (age, text, at_ms) VALUES (?, ?, ?)')
  const remove = database.prepare('DELETE FROM applied WHERE age = ?')
  const put = (age: number, text: string | undefined, atMs: number) => {
    if (text === undefined) remove.run(age)
    else write.run(age, text, atMs)
  }
  return {
    applied: () => read.get(0),
    appliedBefore: () => read.get(1),
    saveApplied: database.transaction((text: string | undefined, atMs: number) => {
      put(1, read.get(0), atMs)
      put(0, text, atMs)
    }),
  }
}
