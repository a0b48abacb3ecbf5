/** The file that an extract goes to, by its format. */

import type { Writable } from 'node:stream'
import type { ExtractColumn } from './extract-columns.js'
import { createParquetRows } from './parquet-rows.js'
import type { RowFile } from './row-file.js'
import { csvRows, jsonRows } from './row-text.js'
import { createTextRows } from './text-rows.js'

export type RowTarget =
  | { readonly format: 'csv' | 'jsonl' /** undefined: standard output. */; readonly path: string | undefined }
  | { readonly format: 'parquet'; readonly path: string }

export function createRowFile(
  target: RowTarget,
  stdout: Writable,
  columns: readonly ExtractColumn[],
): RowFile {
  if (target.format === 'parquet') return createParquetRows(target.path, columns)
  const text = target.format === 'csv' ? csvRows(columns) : jsonRows(columns)
  return createTextRows(target.path ?? stdout, text)
}
