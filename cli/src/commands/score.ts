/** `idsctl score`: a table of flows through a model bundle, without a daemon. */

import type { Command } from 'commander'
import { parseScore } from '../arguments/number.js'
import { addOutputFile } from '../arguments/output-file.js'
import { CliError, EXIT, usageError } from '../errors.js'
import { createProgress } from '../export/progress.js'
import { fileGlobalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import { counted } from '../output/units.js'
import { shippedModelDir } from '../shipped-model.js'

interface ScoreOptions {
  readonly model?: string
  readonly threshold?: number
}

export function addScore(program: Command, io: Io): void {
  const score = program
    .command('score')
    .description('score the flows of a CSV with a model; no daemon is needed')
    .argument('<flows.csv>', 'table of flows, also gzip; - is standard input')
    .option('--model <path>', 'folder of a model bundle; default: the shipped one')
    .option('--threshold <score>', "lowest score that is a hit; default: the model's", parseScore)
  addOutputFile(score, program, 'file that ends in .csv; default: -, standard output')
    .addHelpText(
      'after',
      `
Writes the rows as they came, in their order, with two columns more: score, from 0 to 1, and verdict: pass below the
threshold, else the severity of the hit, low, medium, high or critical. Both are empty in a row without any feature.

Columns are found by name, in any order, as CIC-IDS2017 or as the corrected CICFlowMeter calls them; blanks around a
name do not matter, and columns that the model does not take stay as they are. A feature that is no column is 0, and
so is a cell that is no finite number; both are told. The rates of a flow of zero duration, and values below 0 where
there can be none, are taken as idsd computes them. A row with too few or too many cells is told by its line and left
out; then the exit code is 1. A file is there under its name only when it is whole.

Examples:
  idsctl extract trace.pcap -o flows.csv && idsctl score flows.csv -o scored.csv
  idsctl score Friday-WorkingHours.pcap_ISCX.csv.gz --model ./mine -o scored.csv
  idsctl extract trace.pcap -o - | idsctl score - | grep -v ',pass$'      the hits alone`,
    )
    .action(async (path: string, options: ScoreOptions, command: Command) => {
      const { output } = fileGlobalsOf(command)
      const to = output === 'table' ? '-' : output
      if (to !== '-' && !to.endsWith('.csv'))
        throw usageError(
          `-o ${to}: expected a name that ends in .csv, or -`,
          'idsctl score flows.csv -o scored.csv',
        )
      const { runScoring } = await import('../table-file/run-scoring.js')
      const progress = createProgress(io, { afterMs: 1_000, showsRows: to === '-' })
      const scored = await runScoring({
        path,
        to: to === '-' ? io.stdout : to,
        modelDir: options.model ?? shippedModelDir(),
        threshold: options.threshold,
        nowMs: io.nowMs,
        progress: progress.show,
      }).finally(progress.clear)
      for (const text of scored.notes) note(io, text)
      if (scored.wrongRows > 0)
        throw new CliError(EXIT.error, `${counted(scored.wrongRows, 'row')} of ${path} left out`)
    })
}
