/** A list as the messages that carry it to the daemon, and back from the ones that bring it. */

import type { ServiceError } from '@grpc/grpc-js'
import { type ListEntries, PACKED4_BYTES, PACKED6_BYTES } from '../../../daemon/src/lists/entries.js'
import { type createEntryBuilder, sortEntries } from '../../../daemon/src/lists/entry-builder.js'
import { callError } from '../call-error.js'
import type { DaemonClient } from '../client.js'
import type { ImportedList, ImportListHeader, ImportListRequest } from '../contract.js'
import { CliError, EXIT } from '../errors.js'

/** A message stays well below the 64 KiB that the daemon takes. */
const ENTRIES_SENT = 3_000

export function* importMessages(
  list: Omit<ImportListHeader, 'entries'>,
  { packed4, packed6 }: { readonly packed4: Uint8Array; readonly packed6: Uint8Array },
): Generator<ImportListRequest> {
  const entries = packed4.length / PACKED4_BYTES + packed6.length / PACKED6_BYTES
  yield { list: { ...list, entries } }
  const pieces = function* (bytes: Uint8Array, size: number) {
    for (let at = 0; at < bytes.length; at += size * ENTRIES_SENT)
      yield Buffer.from(bytes.subarray(at, at + size * ENTRIES_SENT))
  }
  for (const entries4 of pieces(packed4, PACKED4_BYTES)) yield { entries4 }
  for (const entries6 of pieces(packed6, PACKED6_BYTES)) yield { entries6 }
}

/** @throws CliError */
export async function fetchList(
  client: DaemonClient,
  name: string,
  socket: string,
): Promise<{ list: ImportedList; entries: ListEntries }> {
  const four: Uint8Array[] = []
  const six: Uint8Array[] = []
  let list: ImportedList | null = null
  try {
    for await (const page of client.stream('exportList', { name })) {
      list ??= page.list
      four.push(page.entries4)
      six.push(page.entries6)
    }
  } catch (error) {
    throw callError(error as ServiceError, socket, 0)
  }
  if (list === null) throw new CliError(EXIT.error, 'the answer of the daemon holds no list')
  return { list, entries: sortEntries(Buffer.concat(four), Buffer.concat(six)) }
}

/** Line of the file on which an entry stands; 0 when it does not. @param bytes of its network */
export function lineOf(
  builder: ReturnType<typeof createEntryBuilder>,
  { bytes, prefix }: { readonly bytes: Uint8Array; readonly prefix: number },
): number {
  const isFour = bytes.length === 4
  const packed = isFour ? builder.packed().packed4 : builder.packed().packed6
  const size = bytes.length + 1
  const lines = builder.lines(isFour ? 4 : 6)
  for (let at = 0, i = 0; at < packed.length; at += size, i++) {
    if (packed[at + size - 1] === prefix && bytes.every((byte, j) => packed[at + j] === byte))
      return lines[i] as number
  }
  return 0
}
