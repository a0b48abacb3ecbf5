/** What takes the rows of an extract, whatever its format. */

import type { FlowRow } from './flow-row.js'

export interface RowFile {
  /** Once, before the first row. */
  begin(): Promise<void>
  /** @returns true when it is full: `flush` must have ended before the next row */
  add(row: FlowRow): boolean
  flush(): Promise<void>
  /** Everything is written; only now is the file there under its name. */
  finish(): Promise<void>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}
