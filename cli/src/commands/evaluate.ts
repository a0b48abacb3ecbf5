/** `idsctl evaluate`: how well a model tells labelled flows apart, without a daemon. */

import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseScore } from '../arguments/number.js'
import { CliError, EXIT, usageError } from '../errors.js'
import { createProgress } from '../export/progress.js'
import { globalsOf } from '../globals.js'
import { type Io, note } from '../io.js'
import type { EvaluationResult } from '../output/evaluation.js'
import { printOne } from '../output/print.js'
import { count, counted } from '../output/units.js'
import { shippedModelDir } from '../shipped-model.js'

interface EvaluateOptions {
  readonly model?: string
  readonly threshold?: number
  readonly label: string
  readonly family?: string
  readonly benign: readonly string[]
}

/** What data sets call a row that is no attack. */
const defaultBenign = ['BENIGN', 'Normal', '0']

export function addEvaluate(program: Command, io: Io): void {
  program
    .command('evaluate')
    .description('measure a model on labelled flows; no daemon is needed')
    .argument(
      '<labelled.csv...>',
      'tables of flows with labels, also gzip; one of them may be -, standard input',
    )
    .option('--model <path>', 'folder of a model bundle; default: the shipped one')
    .option('--threshold <score>', "lowest score that is flagged; default: the model's", parseScore)
    .option('--label <column>', 'column of the label', 'Label')
    .option('--family <column>', 'column that groups labels; default: Family, or else the label itself')
    .addOption(
      new Option('--benign <words>', 'labels of benign rows, commas between them, any case')
        .argParser(benignWords)
        .default(defaultBenign, defaultBenign.join(',')),
    )
    .addHelpText(
      'after',
      `
Every row with another label is an attack. Rows are scored as idsctl score does it: columns are found by either of
their names; missing features, and cells that are no finite number, are 0 and told. Rows without a label, without any
feature, or with too few or too many cells do not count; when there are any of the last, the exit code is 1.

PR-AUC is the average precision, nothing interpolated. Recall at 0.1 % FPR is that of the lowest threshold which
flags at most one in a thousand of these benign rows; it stands beside it. A figure that has no rows to stand on is -,
in JSON null. Rows that the model was trained on flatter it: which they are says idsctl model show.

Examples:
  idsctl evaluate Friday-WorkingHours-Afternoon-DDos.pcap_ISCX.csv
  idsctl evaluate monday.csv tuesday.csv.gz --model ./mine -o json | jq .metrics.f1
  idsctl evaluate flows.csv --label class --benign normal,background --threshold 0.5
  idsctl evaluate flows.csv --family Label              every label by itself`,
    )
    .action(async (paths: readonly string[], options: EvaluateOptions, command: Command) => {
      const globals = globalsOf(command)
      if (paths.filter((path) => path === '-').length > 1)
        throw usageError('standard input can be read once', 'name - once')
      const twice = paths.find((path, i) => paths.indexOf(path) !== i)
      if (twice !== undefined) throw usageError(`${twice} is named twice`, 'its rows would count twice')
      const { runEvaluation } = await import('../evaluate/run-evaluation.js')
      const { evaluationDocument, evaluationPage } = await import('../output/evaluation.js')
      const progress = createProgress(io, { afterMs: 1_000 })
      let told: { readonly result: EvaluationResult; readonly notes: readonly string[] }
      try {
        told = await runEvaluation({
          paths,
          modelDir: options.model ?? shippedModelDir(),
          threshold: options.threshold,
          label: options.label,
          family: options.family,
          benign: options.benign,
          nowMs: io.nowMs,
          progress: progress.show,
        })
      } finally {
        progress.clear()
      }
      const { result, notes } = told
      for (const text of notes) note(io, text)
      const read = result.files.reduce((sum, { rows }) => sum + rows, 0)
      note(io, `${counted(read, 'row')} read, ${count(result.rows_per_second)} rows/s`)
      printOne(io, globals, evaluationDocument(result), (style) => evaluationPage(result, style))
      const wrong = result.files.reduce((sum, { wrong_rows }) => sum + wrong_rows, 0)
      if (wrong > 0) throw new CliError(EXIT.error, `${counted(wrong, 'row')} left out`)
    })
}

function benignWords(text: string): readonly string[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
  if (words.length === 0) throw new InvalidArgumentError('At least one label is needed.')
  return words
}
