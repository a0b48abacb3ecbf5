/** Flows as comma-separated values. Source: RFC 4180, with line feeds; times in RFC 3339, UTC; what is unknown is empty. */

import type { Writable } from 'node:stream'
import type { FlowRecord } from '../contract.js'
import { utcUs } from '../output/time.js'
import { type ExportColumn, flowColumns } from './columns.js'
import { csvLine } from './csv-line.js'
import type { FlowFile } from './flow-file.js'
import { createTextFile } from './text-file.js'

/** @param path where it goes; a stream is written to and left open */
export function createCsvFile(path: string | Writable): FlowFile {
  const file = createTextFile(path)
  let rowLength = 0

  return {
    begin: async (featureNames) => {
      await file.open()
      rowLength = featureNames.length
      await file.put(csvLine([...flowColumns.map(({ name }) => name), ...featureNames]))
    },
    write: (flows, features) =>
      file.put(
        flows
          .map((flow, row) => {
            const own = features.slice(row * rowLength, (row + 1) * rowLength)
            return csvLine([
              ...flowColumns.map((column) => cell(column, flow)),
              ...own.map((value) => (Number.isFinite(value) ? String(value) : '')),
            ])
          })
          .join(''),
      ),
    finish: file.finish,
    abandon: file.abandon,
  }
}

function cell({ kind, value }: ExportColumn, flow: FlowRecord): string {
  const found = value(flow)
  if (found === undefined) return ''
  return kind === 'moment' ? (utcUs(found as number) ?? '') : String(found)
}
