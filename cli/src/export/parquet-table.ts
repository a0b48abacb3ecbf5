/**
 * Columns as an Apache Parquet file that is there under its name only when it is whole; the only importer of
 * hyparquet-writer, which is loaded when it is needed.
 */

import { rename, rm } from 'node:fs/promises'
import type { ParquetWriter, SchemaElement } from 'hyparquet-writer'
import { unfinished } from './flow-file.js'

/** Rows that are held before they are written as one row group. */
export const rowGroup = 50_000

export type ParquetColumn = SchemaElement

/** Values of one column, as its type asks: bigint for INT64; null where the column is OPTIONAL and there is none. */
export type ParquetValues = readonly unknown[] | Float64Array | BigInt64Array

export interface ParquetTable {
  /** Once, before any rows. */
  begin(columns: readonly ParquetColumn[]): Promise<void>
  /** @param values by column, as many of each; they are written before it resolves */
  write(values: readonly ParquetValues[]): Promise<void>
  /** Everything is written; only now is the file there under its name. */
  finish(): Promise<void>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}

export function createParquetTable(path: string): ParquetTable {
  let writer: ParquetWriter | undefined
  let names: readonly string[] = []

  return {
    begin: async (columns) => {
      const { fileWriter, ParquetWriter } = await import('hyparquet-writer')
      names = columns.map(({ name }) => name)
      const schema: SchemaElement[] = [{ name: 'flows', num_children: names.length }, ...columns]
      writer = new ParquetWriter({ writer: fileWriter(unfinished(path)), schema, createdBy: 'idsctl' })
    },
    write: async (values) => {
      if ((values[0]?.length ?? 0) === 0) return
      const columnData = names.map((name, i) => ({ name, data: values[i] as unknown[] }))
      await writer?.write({ columnData, rowGroupSize: rowGroup })
    },
    finish: async () => {
      await writer?.finish()
      await rename(unfinished(path), path)
    },
    abandon: () => rm(unfinished(path), { force: true }),
  }
}
