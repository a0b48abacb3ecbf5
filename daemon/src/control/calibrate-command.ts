/** Learning of this site begins, ends and is put in force on an operator's word. */

import type { Calibration } from '../calibrate/calibration.js'
import type { Proposal } from '../calibrate/proposal.js'
import { siteInWords } from '../calibrate/site.js'
import type { Mode } from '../enforce/decision.js'
import { whileTrial } from '../enforce/trial.js'
import { ArgumentError, NotFoundError, RefusedError } from '../errors.js'
import { covers, type Target } from '../policy/address.js'
import { checkReason, checkTarget, checkTtl } from './arguments.js'
import { audited } from './audited.js'
import type {
  CalibrateCommands,
  CalibrationOrder,
  CalibrationOutcome,
  ProposalQuestion,
} from './calibrate-order.js'
import { callerName } from './caller.js'
import type { CommandsOptions } from './commands.js'

const MAX_NAMED = 100

/** @throws NotFoundError from each command where `calibration` is absent */
export function createCalibrateCommands(options: CommandsOptions): CalibrateCommands {
  const { enforcement, audit, nowMs, parseTarget } = options

  function room(): Calibration {
    if (options.calibration === undefined) throw new NotFoundError('this daemon does not calibrate')
    return options.calibration
  }

  function checked({ caller: who, ...order }: CalibrationOrder) {
    return { caller: callerName(who), reason: checkReason(order.reason, '') }
  }

  function targets(field: string, texts: readonly string[]): Target[] {
    if (texts.length > MAX_NAMED) throw new ArgumentError(field, `at most ${MAX_NAMED}`, `${texts.length}`)
    return texts.map((text) => checkTarget(text, parseTarget))
  }

  function proposal({ alerts: asked, ...question }: ProposalQuestion): Proposal {
    const alerts = asked === 0 ? 1 : asked
    if (!(alerts > 0 && alerts <= 1_000))
      throw new ArgumentError('alerts', 'a number above 0, at most 1000', String(asked))
    const include = targets('include', question.include)
    const exclude = targets('exclude', question.exclude)
    const saidOf = (source: string) => {
      const target = parseTarget(source, 'source')
      if (exclude.some((outer) => covers(outer, target))) return false
      return include.some((outer) => covers(outer, target)) ? true : undefined
    }
    const named = include.filter(({ isPrefix }) => !isPrefix).map(({ text }) => text)
    return room().propose({ alerts, saidOf, named })
  }

  const outcome = (
    dryRun: boolean,
    modeBefore: Mode,
    more: Partial<CalibrationOutcome> = {},
  ): CalibrationOutcome => ({
    ...{ dryRun, modeBefore, mode: enforcement.mode, overridden: [], proposal: undefined },
    ...{ run: room().run, site: room().site },
    ...more,
  })

  /** Refuses, and audits that it did. */
  function guard(
    base: Parameters<typeof audited>[1],
    { force, dryRun }: CalibrationOrder,
    objections: readonly string[],
    message: string,
  ): readonly string[] {
    if (objections.length === 0 || force) return objections
    if (!dryRun) audit({ ...base, outcome: 'refused', detail: objections.join('; '), decisionNumbers: [] })
    throw new RefusedError(`${message}: ${objections.join('; ')}`, objections)
  }

  return {
    proposeCalibration: proposal,

    startCalibration: (order) => {
      const calibration = room()
      const { caller, reason } = checked(order)
      const given = order.forMs === 0 ? (options.calibrateForMs?.() ?? 0) : order.forMs
      const forMs = checkTtl(given, 'for_ms')
      if (forMs === 0) throw new ArgumentError('for_ms', 'at least 1000 ms', String(forMs))
      const base = { atMs: nowMs(), action: 'calibrate_start', target: '', caller, reason } as const
      const { run } = calibration
      const isLearning = run !== undefined && run.endedAtMs === 0
      const objections = isLearning
        ? [`it learns since ${iso(run.startedAtMs)} already, and what it learnt would be lost`]
        : []
      const overridden = guard(base, order, objections, 'calibration not begun')
      const modeBefore = isLearning ? run.modeBefore : enforcement.mode
      // Else the mode on trial goes on, and with its confirmation for good, while it learns.
      const leaveTrial = () => {
        const running = options.trial?.state
        if (running !== undefined && options.trial?.change?.mode !== undefined) throw whileTrial(running)
      }
      if (order.dryRun) {
        leaveTrial()
        return outcome(true, enforcement.mode, { mode: 'detect', overridden })
      }
      audited(options, base, () => {
        leaveTrial()
        calibration.start({ forMs, by: caller, modeBefore, nowMs: base.atMs })
        if (enforcement.mode !== 'detect') enforcement.setMode('detect')
      })
      const words = { before: `mode ${modeBefore}`, after: `mode detect, learning for ${forMs / 1000} s` }
      const detail = [`learns for ${forMs / 1000} s`, ...overridden].join('; ')
      const how = overridden.length > 0 ? 'forced' : 'done'
      audit({ ...base, ...words, outcome: how, detail, decisionNumbers: [] })
      return outcome(false, modeBefore, { overridden })
    },

    applyCalibration: (order) => {
      const calibration = room()
      const { caller, reason } = checked(order)
      const base = { atMs: nowMs(), action: 'calibrate_apply', target: '', caller, reason } as const
      const made = proposal(order)
      const before = calibration.site
      const overridden = guard(base, order, made.missing, 'calibration not applied')
      const { mode } = enforcement
      if (order.dryRun) return outcome(true, mode, { overridden, proposal: made })
      const site = audited(options, base, () => calibration.apply(made, { by: caller, nowMs: base.atMs }))
      const detail = [`${made.alerts} alerts in 10,000 flows, from ${made.flows} flows`, ...overridden]
      const words = { before: siteInWords(before), after: siteInWords(site) }
      const how = overridden.length > 0 ? 'forced' : 'done'
      audit({ ...base, ...words, outcome: how, detail: detail.join('; '), decisionNumbers: [] })
      return outcome(false, calibration.run?.modeBefore ?? mode, { overridden, proposal: made })
    },

    cancelCalibration: (order) => {
      const calibration = room()
      const { caller, reason } = checked(order)
      const { run } = calibration
      if (run === undefined) throw new NotFoundError('nothing was learnt, so nothing is thrown away')
      const before = `${run.flows} flows learnt from since ${iso(run.startedAtMs)}`
      if (order.dryRun) return outcome(true, run.modeBefore)
      const base = { atMs: nowMs(), action: 'calibrate_cancel', target: '', caller, reason } as const
      audited(options, base, () => calibration.cancel())
      const words = { detail: before, before, after: 'nothing learnt' }
      audit({ ...base, ...words, outcome: 'done', decisionNumbers: [] })
      return outcome(false, run.modeBefore, { run })
    },

    clearCalibration: (order) => {
      const calibration = room()
      const { caller, reason } = checked(order)
      const { site } = calibration
      if (site === undefined) throw new NotFoundError('no calibration is in force')
      if (order.dryRun) return outcome(true, enforcement.mode)
      const base = { atMs: nowMs(), action: 'calibrate_clear', target: '', caller, reason } as const
      audited(options, base, () => calibration.clear())
      const words = { before: siteInWords(site), after: siteInWords(undefined) }
      audit({ ...base, ...words, outcome: 'done', detail: words.before, decisionNumbers: [] })
      return outcome(false, enforcement.mode, { site })
    },
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
