/** What is learnt of this site and what is in force, for people. */

import type { CalibrationChange } from '../contract.js'
import { type CalibrationStatus, type Run, type Site, undoOf, undoOfStart } from './calibration.js'
import { type Field, fields } from './page.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { localTime } from './time.js'
import { count, counted, span, ttlText } from './units.js'
import { word } from './words.js'

export function calibrationPage(status: CalibrationStatus, style: Style): string {
  const run = status?.run ?? null
  const site = status?.site ?? null
  const head =
    run === null
      ? 'nothing was learnt; idsctl calibrate start --for 24h begins'
      : run.endedAtMs === 0
        ? `learning what is usual here, for ${span(Math.max(0, run.forMs - run.learntMs))} more`
        : 'learnt; idsctl calibrate finish shows what it asks for'
  return `${style.colors.bold(head)}\n${fields([...runFields(run), ...siteFields(site)], style)}`
}

function runFields(run: Run | null): Field[] {
  if (run === null) return []
  return [
    ['learnt', `${span(run.learntMs)} of ${span(run.forMs)}, since ${localTime(run.startedAtMs)}`],
    ['from', `${counted(run.flows, 'flow')} of about ${counted(run.sources, 'source')}`],
    ['scored', counted(run.scored, 'flow')],
    ['left out', run.leftOut === 0 ? '' : `${counted(run.leftOut, 'source')} that fired or are blocked`],
    ['begun by', printable(run.by)],
    ['mode', `${word(run.modeBefore, 'MODE')} before it began`],
  ]
}

function siteFields(site: Site | null): Field[] {
  if (site === null) return [['in force', 'no calibration']]
  const thresholds = Object.entries(site.thresholds).map(([name, value]) => `${printable(name)} ${value}`)
  const model =
    site.modelSha256 === ''
      ? 'not fitted'
      : `${printable(site.modelName)} at ${site.modelThreshold} (sha256 ${site.modelSha256.slice(0, 12)})`
  return [
    ['in force', `since ${localTime(site.atMs)}, by ${printable(site.by)}`],
    [
      'for',
      `${site.alerts} ${site.alerts === 1 ? 'alert' : 'alerts'} in 10,000 flows, from ${counted(site.flows, 'flow')}`,
    ],
    ['thresholds', thresholds.length === 0 ? 'as before' : thresholds.join(', ')],
    ['model', model],
    ['forced', printable(site.forced)],
  ]
}

/** For the page of the status; '' when there is nothing to say. */
export function calibrationText(status: CalibrationStatus, { colors }: Style): string {
  const run = status?.run ?? null
  const site = status?.site ?? null
  if (run !== null && run.endedAtMs === 0) {
    const left = span(Math.max(0, run.forMs - run.learntMs))
    return colors.yellow(`learning for ${left} more, ${counted(run.flows, 'flow')} so far`)
  }
  if (site !== null) return `in force since ${localTime(site.atMs)}, from ${counted(site.flows, 'flow')}`
  return run === null ? '' : 'learnt, not in force: idsctl calibrate finish'
}

export function startedPage(made: CalibrationChange, style: Style): string {
  const run = made.status?.run ?? null
  const lasting = made.dryRun || run === null ? '' : ` for ${ttlText(run.forMs)}`
  const head = made.dryRun
    ? 'would begin to learn; nothing was changed'
    : `learning what is usual here${lasting}`
  const [before, mode] = [made.modeBefore, made.mode].map((text) => word(text, 'MODE'))
  const change = made.dryRun ? 'would become' : 'is'
  return `${style.colors.bold(head)}\n${fields(
    [
      ['mode', before === mode ? `${mode}, as before` : `${change} ${mode}; it was ${before}`],
      ['meaning', 'what idsd decides by itself only counts; your own blocks drop'],
      ['next', made.dryRun ? '' : 'idsctl calibrate status, then idsctl calibrate finish'],
      ...overriddenFields(made),
      ['undo', made.dryRun ? '' : undoOfStart(made)],
    ],
    style,
  )}`
}

export function cancelledPage(made: CalibrationChange, style: Style): string {
  const run = made.status?.run ?? null
  const flows = counted(run?.flows ?? 0, 'flow')
  const head = made.dryRun
    ? `would throw away what was learnt from ${flows}; nothing was changed`
    : `threw away what was learnt from ${flows}`
  return `${head}\n${fields([['mode', modeText(made)]], style)}`
}

export function clearedPage(made: CalibrationChange, style: Style): string {
  const head = made.dryRun
    ? 'would take the fitted thresholds out of force; nothing was changed'
    : 'the fitted thresholds are out of force'
  const before = Object.keys(made.status?.site?.thresholds ?? {}).length
  return `${head}\n${fields(
    [
      ['detectors', `${count(before)} thresholds as in the file and the defaults`],
      ['model', 'may block by itself only by policy.model_may_block'],
      ['undo', undoOf('clear', made) ?? ''],
    ],
    style,
  )}`
}

/** The mode as it is, and the way back to what it was. */
export function modeText(made: CalibrationChange): string {
  const [before, mode] = [made.modeBefore, made.mode].map((text) => word(text, 'MODE'))
  return before === mode ? `${mode}` : `${mode}; idsctl mode ${before} gives back what was before`
}

export function overriddenFields({ overridden }: CalibrationChange): Field[] {
  return overridden.map((text): Field => ['overridden', printable(text)])
}
