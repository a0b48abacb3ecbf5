/** Imported lists as rows and as documents. */

import type { ImportedList } from '../contract.js'
import { actionText } from './action.js'
import type { Document, Kind } from './print.js'
import { localTime, utcMs } from './time.js'
import { byteSize, count, relative } from './units.js'
import { word } from './words.js'

export const listKind: Kind<ImportedList> = {
  plural: 'lists',
  listSchema: 'idsd.lists.v1',
  columns: (nowMs) => [
    { title: 'LIST', cell: ({ name }) => name },
    { title: 'ENTRIES', cell: ({ entries }) => count(entries), align: 'right' },
    { title: 'ACTION', cell: listAction },
    { title: 'IMPORTED', cell: ({ createdAtMs }) => localTime(createdAtMs) },
    {
      title: 'ENDS',
      cell: ({ expiresAtMs }) => (expiresAtMs === 0 ? 'when removed' : relative(expiresAtMs, nowMs)),
    },
    { title: 'HITS', cell: ({ packets }) => count(packets), align: 'right' },
    { title: 'BYTES', cell: ({ bytes }) => byteSize(bytes), align: 'right' },
    { title: 'DROPPED', cell: ({ droppedPackets }) => count(droppedPackets), align: 'right' },
    {
      title: 'LAST HIT',
      cell: ({ lastSeenMs }) => (lastSeenMs === 0 ? '-' : relative(lastSeenMs, nowMs)),
    },
    { title: 'FROM', cell: ({ source, loaded }) => (loaded ? source : `not in force; ${source}`) },
  ],
  document: listDocument,
}

/** A list's action in words: `limit 100pps`; `observe` is how a person asks for entries that only count. */
export function listAction(list: Pick<ImportedList, 'action' | 'limit'>): string {
  return list.action === 'ACTION_COUNT' ? 'observe' : actionText({ ...list, sparesFlows: false })
}

/** For documents, without the rate. */
export function listActionWord(action: string): string {
  return action === 'ACTION_COUNT' ? 'observe' : word(action, 'ACTION')
}

/** For documents; null of a list that does not limit. */
export function listLimit({ limit }: Pick<ImportedList, 'limit'>) {
  if (limit === null) return null
  return { unit: limit.unit === 'LIMIT_UNIT_BITS' ? 'bits' : 'packets', per_second: limit.perSecond }
}

/** `idsd.list.v1`. */
export function listDocument(list: ImportedList): Document {
  return {
    schema: 'idsd.list.v1',
    name: list.name,
    entries: list.entries,
    action: listActionWord(list.action),
    limit: listLimit(list),
    source: list.source,
    reason: list.reason,
    imported_at: utcMs(list.createdAtMs),
    imported_by: list.createdBy,
    expires_at: utcMs(list.expiresAtMs),
    hits: list.packets,
    bytes: list.bytes,
    dropped_packets: list.droppedPackets,
    last_seen: utcMs(list.lastSeenMs),
    loaded: list.loaded,
  }
}
