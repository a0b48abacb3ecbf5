/** What is learnt of this site, what it asks for and what is in force, for programs; and what pages share with it. */

import type { Calibration, CalibrationChange, Status } from '../contract.js'
import type { Document } from './print.js'
import { utcMs } from './time.js'
import { word } from './words.js'

export type CalibrationStatus = Status['calibration']
export type Run = NonNullable<NonNullable<CalibrationStatus>['run']>
export type Site = NonNullable<NonNullable<CalibrationStatus>['site']>
export type Proposal = NonNullable<Calibration['proposal']>

/** `idsd.calibration.v1`. */
export function calibrationDocument(status: CalibrationStatus): Document {
  return { schema: 'idsd.calibration.v1', ...calibrationPart(status) }
}

/** A part of other documents. */
export function calibrationPart(status: CalibrationStatus) {
  return { run: runDocument(status?.run ?? null), site: siteDocument(status?.site ?? null) }
}

/** `idsd.calibration_change.v1`. */
export function calibrationChangeDocument(change: string, made: CalibrationChange): Document {
  return {
    schema: 'idsd.calibration_change.v1',
    ...{ change, dry_run: made.dryRun, overridden: made.overridden },
    ...{ mode_before: word(made.modeBefore, 'MODE'), mode: word(made.mode, 'MODE') },
    ...calibrationPart(made.status),
    ...(made.proposal === null ? {} : proposalPart(made.proposal)),
    undo: made.dryRun ? null : undoOf(change, made),
  }
}

/** The command that leads back; null where there is nothing to lead back to. */
export function undoOf(change: string, made: CalibrationChange): string | null {
  const { status } = made
  if (change === 'start') return undoOfStart(made)
  if (change === 'apply') return 'idsctl calibrate clear'
  return change === 'clear' && (status?.run ?? null) !== null ? 'idsctl calibrate finish --apply' : null
}

/** The mode comes back by the second of the two alone. */
export function undoOfStart({ modeBefore, mode }: CalibrationChange): string {
  const back = modeBefore === mode ? '' : `; idsctl mode ${word(modeBefore, 'MODE')}`
  return `idsctl calibrate cancel${back}`
}

function runDocument(run: Run | null) {
  if (run === null) return null
  const { startedAtMs, endedAtMs, learntMs, forMs, by, flows, sources, scored, leftOut, classes } = run
  return {
    ...{ learning: endedAtMs === 0, started_at: utcMs(startedAtMs), ended_at: utcMs(endedAtMs) },
    ...{ learnt_ms: learntMs, for_ms: forMs, by, mode_before: word(run.modeBefore, 'MODE') },
    ...{ flows, sources, scored, left_out: leftOut, classes },
  }
}

function siteDocument(site: Site | null) {
  if (site === null) return null
  const { atMs, by, alerts, flows, sources, sinceMs, untilMs, thresholds, forced } = site
  const model = { name: site.modelName, sha256: site.modelSha256, threshold: site.modelThreshold }
  return {
    ...{ at: utcMs(atMs), by, alerts, flows, sources, since: utcMs(sinceMs), until: utcMs(untilMs) },
    ...{ thresholds, model: site.modelSha256 === '' ? null : model, forced: forced === '' ? null : forced },
  }
}

/** `idsd.calibration_proposal.v1`. */
export function proposalDocument({ status, proposal }: Calibration): Document {
  return {
    schema: 'idsd.calibration_proposal.v1',
    ...calibrationPart(status),
    ...(proposal === null ? {} : proposalPart(proposal)),
  }
}

/** A part of other documents. */
export function proposalPart(proposal: Proposal) {
  const { alerts, flows, scored, missing } = proposal
  return {
    ...{ alerts, flows, scored, missing },
    thresholds: proposal.thresholds.map((row) => ({
      ...{ detector: row.detector, key: row.key, unit: row.unit, before: row.before },
      ...{ proposed: row.proposed, seen_below: row.seenBelow ?? null },
      ...{ alerts_before: row.alertsBefore, alerts_after: row.alertsAfter },
      ...{ pinned: row.pinned, problem: row.problem === '' ? null : row.problem },
    })),
    sources_total: proposal.sourcesTotal,
    sources: proposal.sources.map((row) => ({
      ...{ source: row.source, standing: row.standing, detectors: row.detectors },
      ...{ firings_before: row.firingsBefore, firings_after: row.firingsAfter },
      ...{ decisions: row.decisionIds, may_block_after: row.mayBlockAfter },
    })),
  }
}
