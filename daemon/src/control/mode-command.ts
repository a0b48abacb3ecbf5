/** Whether automatic decisions drop or only count, on an operator's word. */

import type { Mode } from '../enforce/decision.js'
import { whileTrial } from '../enforce/trial.js'
import { RefusedError } from '../errors.js'
import { checkConfirm, checkReason } from './arguments.js'
import { audited } from './audited.js'
import { callerName } from './caller.js'
import type { Commands, CommandsOptions } from './commands.js'
import { changeOrTry, trialInWords, trialToBe } from './on-trial.js'

export function createModeCommand(options: CommandsOptions): Pick<Commands, 'setMode'> {
  const { enforcement, audit, nowMs } = options
  return {
    setMode: ({ mode, force = false, dryRun, caller, confirmMs, ...rest }) => {
      const reason = checkReason(rest.reason, '')
      const forMs = checkConfirm(confirmMs)
      const before = enforcement.mode
      const decisionsChanged = enforcement.changedByMode(mode)
      const by = callerName(caller)
      const overridden = learningGuard(options, mode)
      const outcome = {
        ...{ before, mode, decisionsChanged, dryRun },
        ...(overridden.length === 0 ? {} : { overridden }),
      }
      const base = { atMs: nowMs(), action: 'mode', target: '', caller: by, reason } as const
      if (overridden.length > 0 && !force) {
        const detail = overridden.join('; ')
        if (!dryRun) audit({ ...base, outcome: 'refused', detail, decisionNumbers: [] })
        throw new RefusedError(`refused: ${detail} (--force ends the learning and keeps what was learnt)`, [
          ...overridden,
        ])
      }
      // What is so already needs no trial.
      const order = { forMs: before === mode ? 0 : forMs, by, reason, what: `mode ${before} to ${mode}` }
      if (dryRun) {
        const trial = trialToBe(options, order, nowMs())
        return trial === undefined ? outcome : { ...outcome, trial }
      }
      const { trial } = audited(options, base, () => {
        const running = options.trial?.state
        if (forMs === 0 && running !== undefined && options.trial?.change?.mode !== undefined)
          throw whileTrial(running)
        try {
          return changeOrTry(options, order, () => enforcement.setMode(mode))
        } finally {
          // Also where the kernel followed in part only: the mode is another one all the same.
          if (overridden.length > 0 && enforcement.mode === mode) options.calibration?.stop(base.atMs)
        }
      })
      const done = before === mode ? `${mode} already` : `${before} to ${mode}${trialInWords(trial)}`
      const ended = overridden.length === 0 ? [] : ['the learning of this site was ended']
      const how = overridden.length === 0 ? 'done' : 'forced'
      const detail = [done, ...ended].join('; ')
      audit({ ...base, outcome: how, detail, decisionNumbers: [], before, after: mode })
      return trial === undefined ? outcome : { ...outcome, trial }
    },
  }
}

/** What learns does so in `detect`, and goes on in it after a start: `prevent` would be gone without a word. */
function learningGuard({ calibration }: CommandsOptions, mode: Mode): readonly string[] {
  const run = calibration?.run
  if (mode !== 'prevent' || run === undefined || run.endedAtMs !== 0) return []
  const since = new Date(run.startedAtMs).toISOString()
  return [
    `idsd learns this site since ${since}, in mode detect, and what is dropped is not learnt from: ` +
      'idsctl calibrate status says how far it is, idsctl calibrate finish --apply or idsctl calibrate cancel ends it',
  ]
}
