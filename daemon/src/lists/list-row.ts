/** An imported list without its entries. */

import type { ListDoing } from '../kernel/list-action.js'

export type { ListAction, ListDoing } from '../kernel/list-action.js'

/** What a list may be called. */
export const LIST_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i

export interface ListRow extends ListDoing {
  readonly name: string
  /** What the kernel counts its hits by: another one for each list, the same through its re-imports. */
  readonly number: number
  /** Of its entries in the store. */
  readonly version: number
  /** How many. */
  readonly entries: number
  /** File or command, as the importer named it. */
  readonly source: string
  readonly reason: string
  /** Wall time of the last import, ms. */
  readonly createdAtMs: number
  readonly createdBy: string
  /** Wall time when it ends, ms; 0 = until it is removed. */
  readonly expiresAtMs: number
  /** What it met in all, as of the last save. */
  readonly packets: number
  readonly bytes: number
  readonly droppedPackets: number
  /** Wall time, ms; 0 = never. */
  readonly lastSeenMs: number
}

/** What a trial changes of the imported lists. */
export interface ListChange {
  /** As they are in the trial; the store has their entries. */
  readonly saved: readonly ListRow[]
  /** Names of those that it takes out. */
  readonly removed: readonly string[]
}
