/** Rows of an extract into an Apache Parquet file, a row group at a time. */

import { addressText } from '../../../daemon/src/decode/address-text.js'
import {
  createParquetTable,
  type ParquetColumn,
  type ParquetValues,
  rowGroup,
} from '../export/parquet-table.js'
import type { ExtractColumn, ExtractKind } from './extract-columns.js'
import { type FlowRow, places } from './flow-row.js'
import type { RowFile } from './row-file.js'

const types: Readonly<Record<ExtractKind, Omit<ParquetColumn, 'name'>>> = {
  src: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  dst: { type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  whole: { type: 'INT64', repetition_type: 'REQUIRED' },
  feature: { type: 'DOUBLE', repetition_type: 'REQUIRED' },
}

/** Columns that are not known of every flow. */
const optional = new Set<number>([
  places.retransmissionsFwd,
  places.retransmissionsBwd,
  places.retransmissions,
])

interface Held {
  set(row: FlowRow, at: number): void
  /** The first `count`. */
  values(count: number): ParquetValues
}

export function createParquetRows(path: string, columns: readonly ExtractColumn[]): RowFile {
  const table = createParquetTable(path)
  const held = columns.map(heldOf)
  let count = 0

  async function flush(): Promise<void> {
    await table.write(held.map((column) => column.values(count)))
    count = 0
  }

  return {
    begin: () =>
      table.begin(
        columns.map(({ name, kind, place }) => ({
          name,
          ...types[kind],
          ...(optional.has(place) ? { repetition_type: 'OPTIONAL' as const } : {}),
        })),
      ),
    add: (row) => {
      for (const column of held) column.set(row, count)
      count++
      return count === rowGroup
    },
    flush,
    finish: async () => {
      await flush()
      await table.finish()
    },
    abandon: table.abandon,
  }
}

function heldOf({ kind, place }: ExtractColumn): Held {
  if (kind === 'src' || kind === 'dst') {
    const texts: string[] = []
    return {
      set: (row, at) => {
        texts[at] = addressText(row.view, kind === 'src' ? row.srcAt : row.dstAt)
      },
      values: (count) => texts.slice(0, count),
    }
  }
  const numbers = new Float64Array(rowGroup)
  const set = (row: FlowRow, at: number) => {
    numbers[at] = row.numbers[place] as number
  }
  if (kind === 'whole')
    return { set, values: (count) => BigInt64Array.from(numbers.subarray(0, count), BigInt) }
  if (!optional.has(place)) return { set, values: (count) => numbers.subarray(0, count) }
  return {
    set,
    values: (count) =>
      Array.from(numbers.subarray(0, count), (value) => (Number.isNaN(value) ? null : value)),
  }
}
