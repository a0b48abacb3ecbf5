/** `idsctl flows export`: all stored flows that match, as a file for other programs. */

import type { Command } from 'commander'
import {
  addFilterOptions,
  addPortOption,
  addScoreOptions,
  type FilterOptions,
  filterOf,
} from '../arguments/filter.js'
import { addOutputFile } from '../arguments/output-file.js'
import { usageError } from '../errors.js'
import { createCsvFile } from '../export/csv-file.js'
import type { FlowFile } from '../export/flow-file.js'
import { createParquetFile } from '../export/parquet-file.js'
import { runExport } from '../export/run-export.js'
import { fileGlobalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import { counted } from '../output/units.js'

interface ExportOptions extends FilterOptions {
  readonly follow?: true
  readonly features?: true
}

const WHERE = 'idsctl flows export --since 1h -o flows.csv, or flows.parquet, or - for CSV on standard output'

export function addFlowsExport(flows: Command, io: Io): void {
  const command = flows
    .command('export')
    .description('all stored flows that match, oldest first, as CSV or Parquet')
  addOutputFile(command, flows, 'file that ends in .csv or .parquet; - is CSV on standard output').option(
    '--features',
    'with the features of each flow, as far as they were kept',
  )
  addFilterOptions(command, io, 'all')
  addPortOption(command)
  addScoreOptions(command)
    .addHelpText(
      'after',
      `
Everything that matches and is stored is written, up to flows whose last packet was before the start of the export. A
file is there under its name only when it is whole. Columns are named as in idsctl flows -o json; features as in the
model's manifest, with empty cells where idsd did not keep them: it keeps them for high scores and for a sample.

Examples:
  idsctl flows export --since 1h -o flows.csv
  idsctl flows export --since 2d --anomalous -o odd.parquet
  idsctl flows export --since 1d --features -o train.parquet
  idsctl flows export --since 1h --ip 203.0.113.7 -o - | cut -d, -f6-9`,
    )
    .action(async (_options: unknown, self: Command) => {
      // Options may stand before the word export too.
      const options = self.optsWithGlobals<ExportOptions>()
      const globals = fileGlobalsOf(self)
      if (options.follow === true) {
        throw usageError('flows -f watches, flows export writes what was: not both', 'leave out -f')
      }
      if (options.last !== undefined) {
        throw usageError('an export is everything that matches: there is no --last', 'narrow it with --since')
      }
      const path = globals.output
      const file = fileFor(path, io)
      const request = {
        filter: filterOf(options, io),
        features: options.features === true,
        toStandardOutput: path === '-',
      }
      const written = await runExport(io, { ...globals, output: 'table' }, request, file)
      note(io, `${counted(written, 'flow')} written${path === '-' ? '' : ` to ${path}`}`)
    })
}

/** @throws CliError when the name says no format */
function fileFor(path: string, io: Io): FlowFile {
  if (path === '-') return createCsvFile(io.stdout)
  if (path.endsWith('.csv')) return createCsvFile(path)
  if (path.endsWith('.parquet')) return createParquetFile(path)
  if (path === 'table') throw usageError('an export needs a file', WHERE)
  throw usageError(`-o ${path}: expected a name that ends in .csv or .parquet, or -`, WHERE)
}
