/** Learning of this site: what is asked for, and what is answered. */

import type { CalibrationRun } from '../calibrate/calibration.js'
import type { Proposal } from '../calibrate/proposal.js'
import type { SiteThresholds } from '../calibrate/site.js'
import type { Mode } from '../enforce/decision.js'
import type { Caller } from './caller.js'

export interface CalibrationOrder {
  /** How long to learn, ms; 0 = as configured. */
  readonly forMs: number
  readonly reason: string
  readonly force: boolean
  readonly dryRun: boolean
  readonly caller: Caller
}

/** Whom an operator knows, and how many alerts he can bear. */
export interface ProposalQuestion {
  /** Alerts of 10,000 flows; 0 = 1. */
  readonly alerts: number
  /** Addresses and CIDRs that are ours, and that are not. */
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

export interface CalibrationOutcome {
  readonly dryRun: boolean
  readonly run: CalibrationRun | undefined
  readonly site: SiteThresholds | undefined
  /** Mode before and from here on. */
  readonly modeBefore: Mode
  readonly mode: Mode
  /** What force overrode, in words. */
  readonly overridden: readonly string[]
  readonly proposal: Proposal | undefined
}

export interface CalibrateCommands {
  /** Changes nothing. @throws NotFoundError when nothing was learnt; ArgumentError */
  proposeCalibration(question: ProposalQuestion): Proposal
  /** Learns, in mode detect. @throws RefusedError while it learns already, or a mode is on trial */
  startCalibration(order: CalibrationOrder): CalibrationOutcome
  /** @throws NotFoundError when nothing was learnt; RefusedError when too little was */
  applyCalibration(order: CalibrationOrder & ProposalQuestion): CalibrationOutcome
  /** Throws away what was learnt. @throws NotFoundError when nothing was */
  cancelCalibration(order: CalibrationOrder): CalibrationOutcome
  /** Thresholds are what they were without a calibration. @throws NotFoundError when none is in force */
  clearCalibration(order: CalibrationOrder): CalibrationOutcome
}
