/** Whether automatic decisions drop or only count, on an operator's word. */

import { checkReason } from './arguments.js'
import { audited } from './block-commands.js'
import { callerName } from './caller.js'
import type { Commands, CommandsOptions } from './commands.js'

export function createModeCommand(options: CommandsOptions): Pick<Commands, 'setMode'> {
  const { enforcement, audit, nowMs } = options
  return {
    setMode: ({ mode, dryRun, caller, ...rest }) => {
      const reason = checkReason(rest.reason, '')
      const before = enforcement.mode
      const decisionsChanged = enforcement.changedByMode(mode)
      const outcome = { before, mode, decisionsChanged, dryRun }
      if (dryRun) return outcome
      const who = { target: '', caller: callerName(caller), reason }
      const base = { atMs: nowMs(), action: 'mode', ...who } as const
      audited(options, base, () => enforcement.setMode(mode))
      const detail = before === mode ? `${mode} already` : `${before} to ${mode}`
      audit({ ...base, outcome: 'done', detail, decisionNumbers: [], before, after: mode })
      return outcome
    },
  }
}
