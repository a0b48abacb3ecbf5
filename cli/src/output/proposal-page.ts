/** Thresholds that a site asks for, and whom they hit, for people. */

import type { Calibration, CalibrationChange } from '../contract.js'
import type { Proposal } from './calibration.js'
import { modeText, overriddenFields } from './calibration-page.js'
import { fields, section } from './page.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { type Column, renderTable } from './table.js'
import { count, counted } from './units.js'

type Threshold = Proposal['thresholds'][number]
type Source = Proposal['sources'][number]

/** Rows of sources on a page; a document has all. */
const MAX_SHOWN = 20

export function proposalPage({ proposal }: Calibration, style: Style): string {
  if (proposal === null) return 'nothing was proposed\n'
  const head = `thresholds for ${proposal.alerts} ${proposal.alerts === 1 ? 'alert' : 'alerts'} in 10,000 flows; nothing was changed`
  const next =
    proposal.missing.length === 0
      ? 'idsctl calibrate finish --apply, with the same options'
      : '--apply is refused without --force'
  return `${style.colors.bold(head)}\n${facts(proposal, [['next', next]], style)}${body(proposal, style)}`
}

export function appliedPage(made: CalibrationChange, style: Style): string {
  const { proposal } = made
  if (proposal === null) return 'nothing was proposed\n'
  const head = made.dryRun
    ? 'would put these thresholds in force; nothing was changed'
    : 'these thresholds are in force from here on'
  const rest = [
    ...overriddenFields(made),
    ['mode', modeText(made)] as const,
    ['undo', made.dryRun ? '' : 'idsctl calibrate clear'] as const,
  ]
  return `${style.colors.bold(head)}\n${facts(proposal, rest, style)}${body(proposal, style)}`
}

function facts(proposal: Proposal, rest: readonly (readonly [string, string])[], style: Style): string {
  const { yellow } = style.colors
  return fields(
    [
      ['learnt from', `${counted(proposal.flows, 'flow')}, ${counted(proposal.scored, 'scored flow')}`],
      ...proposal.missing.map((text) => ['missing', yellow(printable(text))] as const),
      ...rest,
    ],
    style,
  )
}

function body(proposal: Proposal, style: Style): string {
  const share = `${Number((100 - proposal.alerts / 100).toFixed(4))} % SEEN BELOW`
  const columns: readonly Column<Threshold>[] = [
    { title: 'DETECTOR', cell: ({ detector }) => detector },
    { title: 'BEFORE', cell: ({ before }) => number(before), align: 'right' },
    {
      title: share,
      cell: ({ seenBelow }) => (seenBelow === undefined || seenBelow === null ? 'more' : number(seenBelow)),
      align: 'right',
    },
    { title: 'PROPOSED', cell: ({ proposed }) => number(proposed), align: 'right' },
    { title: 'UNIT', cell: ({ unit }) => unit },
    {
      title: 'ALERTS IN 10,000',
      cell: ({ alertsBefore, alertsAfter }) => `${number(alertsBefore)} to ${number(alertsAfter)}`,
    },
    { title: '', cell: note },
  ]
  const shown = proposal.sources.slice(0, MAX_SHOWN)
  const rest = proposal.sourcesTotal - shown.length
  const problems = proposal.thresholds.filter(({ problem }) => problem !== '')
  const leftOut = proposal.sources.find(({ standing }) => standing === 'left_out')
  return [
    `\n${renderTable(columns, proposal.thresholds, style)}`,
    section(
      'Problems',
      problems.map(({ detector, problem }) =>
        style.colors.yellow(`${printable(detector)}: ${printable(problem)}`),
      ),
      style,
    ),
    shown.length === 0 ? '' : `\n${renderTable(SOURCES, shown, style)}`,
    rest > 0 ? `${count(rest)} more; -o json shows up to 1,000\n` : '',
    leftOut === undefined
      ? ''
      : `left_out does not count; if it is yours: --include ${printable(leftOut.source)}\n`,
  ].join('')
}

const SOURCES: readonly Column<Source>[] = [
  { title: 'SOURCE', cell: ({ source }) => source },
  { title: 'COUNTS AS', cell: ({ standing }) => standing },
  { title: 'ALERTS BEFORE', cell: ({ firingsBefore }) => count(firingsBefore), align: 'right' },
  { title: 'AFTER', cell: ({ firingsAfter }) => count(firingsAfter), align: 'right' },
  {
    title: 'BLOCKED',
    cell: ({ decisionIds, mayBlockAfter }) =>
      `${decisionIds.length === 0 ? 'no' : (decisionIds[0] as string)} to ${mayBlockAfter ? 'perhaps' : 'no'}`,
  },
  { title: 'BY', cell: ({ detectors }) => detectors.join(', ') },
]

function note({ pinned, before, proposed }: Threshold): string {
  if (pinned) return 'file'
  return before === proposed ? '' : before < proposed ? 'raised' : 'lowered'
}

function number(value: number): string {
  return Number.isInteger(value) ? count(value) : String(Number(value.toFixed(4)))
}
