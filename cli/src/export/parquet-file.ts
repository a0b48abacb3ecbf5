/** Flows as an Apache Parquet file. */

import type { FlowRecord } from '../contract.js'
import { type ColumnKind, type ExportColumn, flowColumns } from './columns.js'
import type { FlowFile } from './flow-file.js'
import { createParquetTable, type ParquetColumn, rowGroup } from './parquet-table.js'

type Cell = string | number | bigint | boolean | null

/** `count` has 64 bits: bytes of a long flow do not fit into 32. */
const TYPES: Readonly<Record<ColumnKind, Omit<ParquetColumn, 'name'>>> = {
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
  const table = createParquetTable(path)
  let columns: Cell[][] = []

  const rows = () => columns[0]?.length ?? 0

  async function flush(): Promise<void> {
    await table.write(columns)
    columns = columns.map(() => [])
  }

  return {
    begin: async (featureNames) => {
      columns = [...flowColumns, ...featureNames].map(() => [])
      await table.begin([
        ...flowColumns.map(({ name, kind }) => optional(name, TYPES[kind])),
        ...featureNames.map((name) => optional(name, { type: 'FLOAT' })),
      ])
    },
    write: async (flows, features) => {
      const rowLength = columns.length - flowColumns.length
      for (const [row, flow] of flows.entries()) {
        flowColumns.forEach((column, i) => void columns[i]?.push(cell(column, flow)))
        for (let i = 0; i < rowLength; i++) {
          const value = features[row * rowLength + i] as number
          columns[flowColumns.length + i]?.push(Number.isNaN(value) ? null : value)
        }
        if (rows() >= rowGroup) await flush()
      }
    },
    finish: async () => {
      await flush()
      await table.finish()
    },
    abandon: table.abandon,
  }
}

function optional(name: string, type: Omit<ParquetColumn, 'name'>): ParquetColumn {
  return { name, repetition_type: 'OPTIONAL', ...type }
}

function cell({ kind, value }: ExportColumn, flow: FlowRecord): Cell {
  const found = value(flow)
  if (found === undefined) return null
  return kind === 'count' || kind === 'moment' ? BigInt(found as number) : found
}
