/** A model measured on labelled tables, as a document and as a page. */

import type { Measured } from '../evaluate/evaluation.js'
import type { Family } from '../evaluate/families.js'
import { fields, section } from './page.js'
import type { Document } from './print.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { count } from './units.js'

/** One table that was read. */
export interface EvaluatedFile {
  readonly file: string
  /** Rows with a cell for every column. */
  readonly rows: number
  /** Rows with another number of cells: left out. */
  readonly wrong_rows: number
  /** Rows without a finite number for any feature: left out. */
  readonly rows_without_features: number
  /** Rows whose score was no number in [0, 1]: left out. */
  readonly odd_scores: number
  /** Features of the model that are no column: 0 in every row. */
  readonly missing_features: readonly string[]
  /** Columns that the model does not take. */
  readonly unused_columns: number
  /** Cells that were no finite number, by feature: taken as 0. */
  readonly not_finite: Readonly<Record<string, number>>
  /** Cells below 0 where idsd never is, by feature: taken as 0. */
  readonly below_zero: Readonly<Record<string, number>>
}

export interface EvaluatedModel {
  readonly dir: string
  readonly name: string
  readonly version: string
  readonly sha256: string
}

export interface EvaluationResult extends Measured {
  readonly model: EvaluatedModel
  /** Lowest score that is flagged. */
  readonly threshold: number
  readonly label_column: string
  /** null: each label is its own family. */
  readonly family_column: string | null
  readonly benign_labels: readonly string[]
  readonly files: readonly EvaluatedFile[]
  readonly rows_without_label: number
  readonly rows_per_second: number
}

/** `idsd.evaluation.v1`: a figure without rows to stand on is null. */
export function evaluationDocument(result: EvaluationResult): Document {
  return { schema: 'idsd.evaluation.v1', ...result }
}

export function evaluationPage(result: EvaluationResult, style: Style): string {
  const { model, confusion, metrics, threshold } = result
  const plain = { ...style, width: undefined }
  const name = style.colors.bold(printable(`${model.name} ${model.version}`))
  const head = `${name}, ${count(result.rows)} rows, a score from ${threshold} is flagged\n`
  const figures = fields(
    [
      ['accuracy', figure(metrics.accuracy)],
      ['precision', figure(metrics.precision)],
      ['recall', figure(metrics.recall)],
      ['F1', figure(metrics.f1)],
      ["Cohen's kappa", figure(metrics.cohens_kappa)],
      ['FPR', rate(metrics.fpr)],
      ['ROC-AUC', figure(metrics.roc_auc)],
      ['PR-AUC', `${figure(metrics.pr_auc)}  average precision`],
      ...result.recall_at_fpr.map(({ max_fpr, recall, threshold: own }): [string, string] => [
        `recall at ${max_fpr * 100} % FPR`,
        own === null ? figure(recall) : `${figure(recall)}  from ${figure(own)}`,
      ]),
    ],
    style,
  )
  const matrix = renderTable(
    [
      { title: '', cell: ({ name }) => name },
      { title: 'FLAGGED', cell: ({ flagged }) => count(flagged), align: 'right' },
      { title: 'PASSED', cell: ({ passed }) => count(passed), align: 'right' },
    ],
    [
      { name: 'attack', flagged: confusion.tp, passed: confusion.fn },
      { name: 'benign', flagged: confusion.fp, passed: confusion.tn },
    ],
    plain,
  )
  const families = renderTable(familyColumns, result.families, plain)
  return [
    head,
    figures,
    section('Confusion', linesOf(matrix), style),
    section('Families', result.families.length === 0 ? [] : linesOf(families), style),
  ].join('')
}

const familyColumns: readonly Column<Family>[] = [
  { title: 'FAMILY', cell: ({ family }) => family },
  { title: 'ROWS', cell: ({ rows }) => count(rows), align: 'right' },
  { title: 'FLAGGED', cell: ({ flagged }) => count(flagged), align: 'right' },
  { title: 'RECALL', cell: ({ recall }) => figure(recall), align: 'right' },
  { title: 'FPR', cell: ({ fpr }) => rate(fpr), align: 'right' },
  { title: 'MEAN SCORE', cell: ({ mean_score }) => figure(mean_score), align: 'right' },
]

function figure(value: number | null): string {
  return value === null ? '-' : value.toFixed(4)
}

/** Rates of false alarms are small: one digit more. */
function rate(value: number | null): string {
  return value === null ? '-' : value.toFixed(5)
}

function linesOf(table: string): string[] {
  return table.trimEnd().split('\n')
}
