/** Flows as an Apache Parquet file; the only importer of hyparquet-writer, which is loaded when it is needed. */

import { rename, rm } from 'node:fs/promises'
import type { ParquetWriter, SchemaElement } from 'hyparquet-writer'
import type { FlowRecord } from '../contract.js'
import { type ColumnKind, type ExportColumn, flowColumns } from './columns.js'
import { type FlowFile, unfinished } from './flow-file.js'

/** Flows that are held before they are written as one row group. */
const ROW_GROUP = 50_000

type Cell = string | number | bigint | boolean | null

/** `count` has 64 bits: bytes of a long flow do not fit into 32. */
const TYPES: Readonly<Record<ColumnKind, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  list: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  count: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
  moment: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
}

export function createParquetFile(path: string): FlowFile {
  let writer: ParquetWriter | undefined
  let names: readonly string[] = []
  let columns: Cell[][] = []

  const rows = () => columns[0]?.length ?? 0

  async function flush(): Promise<void> {
    if (rows() === 0) return
    const columnData = names.map((name, i) => ({ name, data: columns[i] as Cell[] }))
    await writer?.write({ columnData, rowGroupSize: ROW_GROUP })
    columns = names.map(() => [])
  }

  return {
    begin: async (featureNames) => {
      const { fileWriter, ParquetWriter } = await import('hyparquet-writer')
      names = [...flowColumns.map(({ name }) => name), ...featureNames]
      columns = names.map(() => [])
      const schema: SchemaElement[] = [
        { name: 'flows', num_children: names.length },
        ...flowColumns.map(({ name, kind }) => optional(name, TYPES[kind])),
        ...featureNames.map((name) => optional(name, { type: 'FLOAT' })),
      ]
      writer = new ParquetWriter({ writer: fileWriter(unfinished(path)), schema, createdBy: 'idsctl' })
    },
    write: async (flows, features) => {
      const rowLength = names.length - flowColumns.length
      for (const [row, flow] of flows.entries()) {
        flowColumns.forEach((column, i) => void columns[i]?.push(cell(column, flow)))
        for (let i = 0; i < rowLength; i++) {
          const value = features[row * rowLength + i] as number
          columns[flowColumns.length + i]?.push(Number.isNaN(value) ? null : value)
        }
        if (rows() >= ROW_GROUP) await flush()
      }
    },
    finish: async () => {
      await flush()
      await writer?.finish()
      await rename(unfinished(path), path)
    },
    abandon: () => rm(unfinished(path), { force: true }),
  }
}

function optional(name: string, type: Omit<SchemaElement, 'name'>): SchemaElement {
  return { name, repetition_type: 'OPTIONAL', ...type }
}

function cell({ kind, value }: ExportColumn, flow: FlowRecord): Cell {
  const found = value(flow)
  if (found === undefined) return null
  return kind === 'count' || kind === 'moment' ? BigInt(found as number) : found
}
