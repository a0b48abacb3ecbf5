/** Entries of the allowlist as rows and as documents. */

import type { AllowEntry } from '../contract.js'
import type { Document, Kind } from './print.js'
import { localTime, utcMs } from './time.js'
import { relative } from './units.js'

export const allowKind: Kind<AllowEntry> = {
  plural: 'entries',
  listSchema: 'idsd.allow_entries.v1',
  columns: (nowMs) => [
    { title: 'TARGET', cell: ({ target }) => target },
    { title: 'SOURCE', cell: ({ source }) => source },
    { title: 'SINCE', cell: ({ createdAtMs }) => localTime(createdAtMs) },
    {
      title: 'ENDS',
      cell: ({ expiresAtMs }) => (expiresAtMs === 0 ? 'when removed' : relative(expiresAtMs, nowMs)),
    },
    { title: 'ALERTS', cell: ({ logOnly, source }) => (logOnly || source === 'automatic' ? 'yes' : 'no') },
    { title: 'BY', cell: ({ createdBy }) => (createdBy === '' ? '-' : createdBy) },
    { title: 'REASON', cell: ({ reason }) => reason },
  ],
  document: allowDocument,
}

/** `idsd.allow_entry.v1`. */
export function allowDocument(entry: AllowEntry): Document {
  return {
    schema: 'idsd.allow_entry.v1',
    target: entry.target,
    source: entry.source,
    reason: entry.reason,
    created_by: entry.createdBy,
    created_at: utcMs(entry.createdAtMs),
    expires_at: utcMs(entry.expiresAtMs),
    log_only: entry.logOnly,
  }
}
