/** A model bundle on one page, and the checks of one. Manifests of others may hold anything: what fits is shown. */

import type { Bundle } from '../../../daemon/src/score/bundle.js'
import type { BundleCheck } from '../../../daemon/src/score/verify-bundle.js'
import { fields, section } from './page.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { byteSize, count } from './units.js'

type Given = Readonly<Record<string, unknown>>

/** Features on a line. */
const featuresPerLine = 4

export function modelPage(bundle: Bundle, style: Style): string {
  const { colors } = style
  const { training, metrics, missingFeatures } = bundle
  const head = `${colors.bold(printable(`${bundle.name} ${bundle.version}`))}\n`
  const facts = fields(
    [
      ['role', printable(bundle.role)],
      ['folder', printable(bundle.dir)],
      ['sha256', bundle.sha256],
      ['size', byteSize(bundle.model.length)],
      [
        'made with',
        printable([text(training.library), text(training.size)].filter((part) => part).join(', ')),
      ],
      ['input', printable(bundle.input ?? '')],
      ['output', printable(bundle.output ?? '')],
      ['threshold', String(bundle.threshold)],
      ['severity', bundle.severity.map(({ severity, from }) => `${severity} from ${from}`).join(', ')],
      ['scores', whenText(bundle)],
      ['semantics', bundle.semantics],
    ],
    style,
  )
  const warnings = missingFeatures.map((name) =>
    colors.yellow(`! idsd does not compute ${printable(name)}: always 0`),
  )
  return [
    head,
    facts,
    section('Warnings', warnings, style),
    section(`Features: ${bundle.features.length}`, featureLines(bundle.features), style),
    section('Training data', trainingLines(training, style), style),
    section('Measured at the threshold', metricLines(metrics, style), style),
  ].join('')
}

/** One line for each check: result, name, what was found. */
export function modelChecksPage(checks: readonly BundleCheck[], { colors }: Style): string {
  const paint = { ok: colors.green, failed: colors.red, skipped: colors.yellow }
  return checks
    .map(
      ({ name, result, text }) =>
        `${paint[result](result.padEnd(7))}  ${name.padEnd(8)}  ${printable(text)}\n`,
    )
    .join('')
}

function whenText({ trainedOnCuts }: Bundle): string {
  const packets = trainedOnCuts.filter((cut) => typeof cut === 'number')
  const early = packets.length === 0 ? '' : `, and at ${packets.join(', ')} packets`
  return `a flow when its connection has closed and when it ends${early}`
}

function featureLines(features: readonly string[]): string[] {
  return Array.from({ length: Math.ceil(features.length / featuresPerLine) }, (_, line) =>
    printable(features.slice(line * featuresPerLine, (line + 1) * featuresPerLine).join(', ')),
  )
}

function trainingLines({ datasets, fingerprint, citations }: Given, style: Style): string[] {
  const rows = Array.isArray(datasets) ? datasets.filter(isGiven) : []
  const columns: Column<Given>[] = [
    { title: 'FILE', cell: ({ name }) => text(name) },
    { title: 'DATASET', cell: ({ group }) => text(group) },
    { title: 'BENIGN', cell: ({ benign }) => number(benign), align: 'right' },
    { title: 'ATTACK', cell: ({ attack }) => number(attack), align: 'right' },
    { title: 'LEARNED', cell: (row) => number(row.trained_on), align: 'right' },
  ]
  return [
    ...(rows.length === 0 ? [] : lines(renderTable(columns, rows, unbounded(style)))),
    ...(text(fingerprint) === '' ? [] : [`fingerprint ${printable(text(fingerprint))}`]),
    ...(isGiven(citations)
      ? Object.entries(citations).map(([name, source]) => printable(`${name}: ${text(source)}`))
      : []),
  ]
}

function metricLines({ test }: Given, style: Style): string[] {
  if (!isGiven(test)) return []
  const rows = Object.entries(test).filter((entry): entry is [string, Given] => isGiven(entry[1]))
  if (rows.length === 0) return []
  const figure = (key: string) => ({
    cell: ([, row]: [string, Given]) => share(row[key]),
    align: 'right' as const,
  })
  const columns: Column<[string, Given]>[] = [
    { title: 'TEST ROWS', cell: ([name]) => name },
    { title: 'BENIGN', cell: ([, { benign }]) => number(benign), align: 'right' },
    { title: 'ATTACK', cell: ([, { attack }]) => number(attack), align: 'right' },
    { title: 'F1', ...figure('f1') },
    { title: 'PRECISION', ...figure('precision') },
    { title: 'RECALL', ...figure('recall') },
    { title: 'FPR', ...figure('fpr') },
    { title: 'PR-AUC', ...figure('pr_auc') },
  ]
  return lines(renderTable(columns, rows, unbounded(style)))
}

/** Tables of the page are indented, and never cut. */
function unbounded({ colors }: Style): Style {
  return { colors, width: undefined }
}

function lines(table: string): string[] {
  return table.trimEnd().split('\n')
}

function isGiven(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function number(value: unknown): string {
  return typeof value === 'number' ? count(value) : '-'
}

function share(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(4) : '-'
}
