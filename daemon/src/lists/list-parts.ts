/** The entries of a list in the store: many parts, each written or taken out in some milliseconds. */

import { IdsdError } from '../errors.js'
import type { ListTable } from '../record/list-table.js'
import { breathe } from './breathe.js'

export interface ListParts {
  /** @throws IdsdError `ERR_STOPPING`, StoreError: then some of the parts are written */
  write(version: number, packed: Uint8Array): Promise<void>
  /** Takes out the parts that no list names any more. */
  drop(): Promise<void>
}

export interface ListPartsOptions {
  readonly store: Pick<ListTable, 'saveListPart' | 'dropListParts'>
  /** Nothing is written or taken out after it. */
  readonly signal: AbortSignal
}

/** A part of this size is written in some milliseconds. */
const partBytes = 256 * 1024
const partsDropped = 4

export function createListParts({ store, signal }: ListPartsOptions): ListParts {
  return {
    async write(version, packed) {
      for (let at = 0, part = 0; at < packed.length; at += partBytes, part++) {
        if (signal.aborted) throw new IdsdError('ERR_STOPPING', 'idsd is stopping')
        store.saveListPart(version, part, packed.subarray(at, at + partBytes))
        await breathe()
      }
    },
    async drop() {
      while (!signal.aborted && store.dropListParts(partsDropped) > 0) await breathe()
    },
  }
}
