/**
 * What docs/features.md says of each column. The compiler refuses a column without a row; tests hold `from` against the
 * readers of records and against what `computeFeatures` reads, and `differs` against the values of the tools.
 */

import type { ColumnDoc } from './column-doc.js'
import type { ColumnName } from './columns.js'
import { packetDocs } from './packet-docs.js'
import { timeDocs } from './time-docs.js'

/** The page's row of every column. */
export const columnDocs: Readonly<Record<ColumnName, ColumnDoc>> = { ...packetDocs, ...timeDocs }
