/** All enforcement is stopped and resumed, on an operator's word. */

import type { PanicState } from '../enforce/panic.js'
import { checkReason, checkTtl } from './arguments.js'
import { audited } from './audited.js'
import { callerName } from './caller.js'
import type { Commands, CommandsOptions } from './commands.js'

export function createPanicCommand(options: CommandsOptions): Pick<Commands, 'setPanic'> {
  const { enforcement, panic, audit, nowMs } = options
  return {
    setPanic: ({ isOn, forMs, dryRun, ...rest }) => {
      const lastingMs = isOn ? checkTtl(forMs, 'for_ms') : 0
      const reason = checkReason(rest.reason, '')
      const caller = callerName(rest.caller)
      const before = panic.state
      const atMs = nowMs()
      const untilMs = lastingMs === 0 ? 0 : atMs + lastingMs
      const planned = isOn ? { sinceMs: atMs, untilMs, by: caller, reason } : undefined
      const outcome = { before, after: planned, dryRun, decisionsDropping: enforcement.droppingCount }
      if (dryRun) return outcome
      const base = { atMs, action: isOn ? 'panic' : 'resume', target: '', caller, reason } as const
      const after = audited(options, base, () => {
        if (isOn) return panic.begin({ forMs: lastingMs, by: caller, reason })
        panic.end()
        return undefined
      })
      audit({
        ...base,
        outcome: 'done',
        detail: panicInWords(after),
        decisionNumbers: [],
        before: panicInWords(before),
        after: panicInWords(after),
      })
      return { ...outcome, after }
    },
  }
}

/** For the audit. */
export function panicInWords(panic: PanicState | undefined): string {
  if (panic === undefined) return 'enforcing'
  const until = panic.untilMs === 0 ? 'until resumed' : `until ${new Date(panic.untilMs).toISOString()}`
  return `nothing is dropped ${until}`
}
