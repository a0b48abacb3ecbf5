/** What was learnt of this site, and what it asks for, as messages. */

import type { CalibrationRun } from '../calibrate/calibration.js'
import type { Proposal } from '../calibrate/proposal.js'
import type { SiteThresholds } from '../calibrate/site.js'
import type { CalibrationOutcome } from '../control/calibrate-order.js'
import { MODES } from './enum-words.js'
import type { CalibrationChange } from './generated/idsd/v1/CalibrationChange.js'
import type { CalibrationProposal } from './generated/idsd/v1/CalibrationProposal.js'
import type { CalibrationStatus } from './generated/idsd/v1/CalibrationStatus.js'
import { decisionId } from './ids.js'

/** Rows of sources in one answer. */
const MAX_SOURCES = 1_000

/** What is learnt and what is in force. */
export interface CalibrationView {
  readonly run: CalibrationRun | undefined
  readonly site: SiteThresholds | undefined
}

export function calibrationStatusMessage({ run, site }: CalibrationView): CalibrationStatus {
  return {
    run:
      run === undefined ? null : { ...run, modeBefore: MODES[run.modeBefore], classes: { ...run.classes } },
    site:
      site === undefined
        ? null
        : {
            ...{
              atMs: site.atMs,
              by: site.by,
              alerts: site.alerts,
              flows: site.flows,
              sources: site.sources,
            },
            ...{ sinceMs: site.sinceMs, untilMs: site.untilMs, forced: site.forced },
            thresholds: { ...site.thresholds },
            modelSha256: site.model?.sha256 ?? '',
            modelName: site.model?.name ?? '',
            modelThreshold: site.model?.threshold ?? 0,
          },
  }
}

/** @param decisionsOf numbers of automatic decisions that were made against a source while it was learnt */
export function proposalMessage(
  proposal: Proposal,
  decisionsOf: (source: string) => readonly number[],
): CalibrationProposal {
  const { alerts, flows, scored, detectors, model, sources, missing } = proposal
  const rows = [
    ...detectors.map(({ path, ...row }) => ({ ...row, key: path })),
    ...(model === undefined ? [] : [{ ...model, detector: 'model', key: 'model.threshold', unit: 'score' }]),
  ]
  return {
    ...{ alerts, flows, scored, missing: [...missing], sourcesTotal: sources.length },
    thresholds: rows.map((row) => ({
      ...{ detector: row.detector, key: row.key, unit: row.unit, before: row.before, proposed: row.proposed },
      ...(row.seenBelow === undefined ? {} : { seenBelow: row.seenBelow }),
      ...{ alertsBefore: row.alertsBefore, alertsAfter: row.alertsAfter },
      ...{ pinned: row.isPinned, problem: row.problem },
    })),
    sources: sources.slice(0, MAX_SOURCES).map((row) => ({
      ...{ source: row.source, standing: row.standing, detectors: [...row.detectors] },
      ...{ firingsBefore: row.firingsBefore, firingsAfter: row.firingsAfter },
      decisionIds: decisionsOf(row.source).map(decisionId),
      mayBlockAfter: row.mayBlockAfter,
    })),
  }
}

export function calibrationChangeMessage(
  made: CalibrationOutcome,
  decisionsOf: (source: string) => readonly number[],
): CalibrationChange {
  return {
    dryRun: made.dryRun,
    status: calibrationStatusMessage(made),
    modeBefore: MODES[made.modeBefore],
    mode: MODES[made.mode],
    overridden: [...made.overridden],
    proposal: made.proposal === undefined ? null : proposalMessage(made.proposal, decisionsOf),
  }
}
