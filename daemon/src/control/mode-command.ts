/** Whether automatic decisions drop or only count, on an operator's word. */

import { whileTrial } from '../enforce/trial.js'
import { checkConfirm, checkReason } from './arguments.js'
import { audited } from './block-commands.js'
import { callerName } from './caller.js'
import type { Commands, CommandsOptions } from './commands.js'
import { changeOrTry, trialInWords, trialToBe } from './on-trial.js'

export function createModeCommand(options: CommandsOptions): Pick<Commands, 'setMode'> {
  const { enforcement, audit, nowMs } = options
  return {
    setMode: ({ mode, dryRun, caller, confirmMs, ...rest }) => {
      const reason = checkReason(rest.reason, '')
      const forMs = checkConfirm(confirmMs)
      const before = enforcement.mode
      const decisionsChanged = enforcement.changedByMode(mode)
      const outcome = { before, mode, decisionsChanged, dryRun }
      const by = callerName(caller)
      // What is so already needs no trial.
      const order = { forMs: before === mode ? 0 : forMs, by, reason, what: `mode ${before} to ${mode}` }
      if (dryRun) {
        const trial = trialToBe(options, order, nowMs())
        return trial === undefined ? outcome : { ...outcome, trial }
      }
      const base = { atMs: nowMs(), action: 'mode', target: '', caller: by, reason } as const
      const { trial } = audited(options, base, () => {
        const running = options.trial?.state
        if (forMs === 0 && running !== undefined && options.trial?.change?.mode !== undefined)
          throw whileTrial(running)
        return changeOrTry(options, order, () => enforcement.setMode(mode))
      })
      const detail = before === mode ? `${mode} already` : `${before} to ${mode}${trialInWords(trial)}`
      audit({ ...base, outcome: 'done', detail, decisionNumbers: [], before, after: mode })
      return trial === undefined ? outcome : { ...outcome, trial }
    },
  }
}
