/** What is on trial is kept or taken back, on an operator's word. */

import { NotFoundError } from '../errors.js'
import { checkReason } from './arguments.js'
import { audited } from './audited.js'
import { callerName } from './caller.js'
import type { Commands, CommandsOptions } from './commands.js'

export function createTrialCommand(options: CommandsOptions): Pick<Commands, 'endTrial'> {
  const { trial, audit, nowMs } = options
  return {
    endTrial: ({ isKept, dryRun, caller, ...rest }) => {
      const reason = checkReason(rest.reason, '')
      const running = trial?.state
      if (trial === undefined || running === undefined)
        throw new NotFoundError('no change is on trial: there is nothing to confirm or to roll back')
      if (dryRun) return { trial: running, dryRun }
      const action = isKept ? 'confirm' : 'rollback'
      const base = { atMs: nowMs(), action, target: '', caller: callerName(caller), reason } as const
      const ended = audited(options, base, () => (isKept ? trial.confirm() : trial.rollback()))
      const before = `on trial until ${new Date(ended.untilMs).toISOString()}: ${ended.what}`
      const after = isKept ? `confirmed: ${ended.what}` : `taken back: ${ended.what}`
      audit({ ...base, outcome: 'done', detail: ended.what, decisionNumbers: [], before, after })
      return { trial: ended, dryRun }
    },
  }
}
