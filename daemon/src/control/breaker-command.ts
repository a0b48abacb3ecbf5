/** A tripped breaker is closed on an operator's word. */

import { type DetectorName, detectorNames } from '../detect/evidence.js'
import { ArgumentError, NotFoundError } from '../errors.js'
import { checkReason } from './arguments.js'
import { audited } from './audited.js'
import { callerName } from './caller.js'
import type { Commands, CommandsOptions } from './commands.js'

const none = { states: () => [], reset: () => undefined }

export function createBreakerCommand(options: CommandsOptions): Pick<Commands, 'resumeOrigin'> {
  const { breakers = none, audit, nowMs } = options
  return {
    resumeOrigin: ({ origin: text, reason: given, dryRun, caller: who }) => {
      const origin = checkOrigin(text)
      const reason = checkReason(given, '')
      const caller = callerName(who)
      const tripped = breakers.states().find((state) => state.origin === origin)
      if (tripped === undefined) throw new NotFoundError(notTripped(origin, breakers.states()))
      if (dryRun) return { tripped, dryRun }
      const base = { atMs: nowMs(), action: 'breaker_reset', target: '', caller, reason } as const
      audited(options, base, () => breakers.reset(origin))
      const before = `${origin} only counts until ${new Date(tripped.untilMs).toISOString()}`
      const words = { detail: tripped.why, before, after: `${origin} blocks` }
      audit({ ...base, ...words, outcome: 'done', decisionNumbers: [] })
      return { tripped, dryRun }
    },
  }
}

function checkOrigin(text: string): DetectorName {
  const origins = detectorNames.filter((name) => name !== 'breaker')
  const found = origins.find((name) => name === text)
  if (found === undefined)
    throw new ArgumentError('origin', `one of ${origins.join(', ')}`, JSON.stringify(text))
  return found
}

function notTripped(origin: string, states: readonly { readonly origin: string }[]): string {
  const others = states.map((state) => state.origin)
  return others.length === 0
    ? `the breaker of ${origin} is not tripped, nor is any other`
    : `the breaker of ${origin} is not tripped; that of ${others.join(', ')} is`
}
