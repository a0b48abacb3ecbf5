/** The allowlist on an operator's word. */

import type { AllowEntry } from '../enforce/decision.js'
import { NotFoundError, RefusedError } from '../errors.js'
import { checkPeer, checkReason, checkTarget } from './arguments.js'
import { audited } from './block-commands.js'
import { callerName } from './caller.js'
import type { Commands, CommandsOptions } from './commands.js'

const DEFAULT_REASON = 'allowed by the operator'

export function createAllowCommands(
  options: CommandsOptions,
): Pick<Commands, 'addAllow' | 'removeAllow' | 'checkAllow'> {
  const { enforcement, parseTarget, refusals, audit, nowMs } = options

  return {
    addAllow: (command) => {
      const target = checkTarget(command.target, parseTarget)
      const reason = checkReason(command.reason, DEFAULT_REASON)
      const caller = callerName(command.caller)
      const atMs = nowMs()
      const { exact, inside } = enforcement.blocksAround(target)
      const overrides = [...exact, ...inside]
      const standing = enforcement.allowEntry(target)
      if (standing?.source === 'config') return { entry: standing, overrides, dryRun: command.dryRun }
      const entry: AllowEntry = {
        target: target.text,
        reason,
        createdAtMs: atMs,
        createdBy: caller,
        source: 'operator',
      }
      if (command.dryRun) return { entry, overrides, dryRun: true }
      const base = { atMs, action: 'allow_add', target: target.text, caller } as const
      const added = audited(options, base, () => enforcement.addAllow(target, entry))
      audit({ ...base, outcome: 'done', detail: reason, decisionNumbers: [] })
      return { entry: added, overrides, dryRun: false }
    },

    removeAllow: (command) => {
      const target = checkTarget(command.target, parseTarget)
      const caller = callerName(command.caller)
      const base = { atMs: nowMs(), action: 'allow_remove', target: target.text, caller } as const
      const entry = enforcement.allowEntry(target)
      if (entry === undefined) {
        throw new NotFoundError(notAllowed(target.text, enforcement.coveringAllow(target)))
      }
      if (entry.source !== 'operator') {
        const text = kept(entry)
        if (!command.dryRun) audit({ ...base, outcome: 'refused', detail: text, decisionNumbers: [] })
        throw new RefusedError(text, [text])
      }
      if (command.dryRun) return { entry, dryRun: true }
      audited(options, base, () => enforcement.removeAllow(target, entry, caller))
      audit({ ...base, outcome: 'done', detail: entry.reason, decisionNumbers: [] })
      return { entry, dryRun: false }
    },

    checkAllow: (text, callerPeer) => {
      const target = checkTarget(text, parseTarget)
      const peer = checkPeer(callerPeer, parseTarget)
      const { exact, covering } = enforcement.blocksAround(target)
      return {
        entry: enforcement.coveringAllow(target),
        guards: refusals(target, peer)
          .filter((refusal) => refusal.guard !== 'allow')
          .map((refusal) => refusal.text),
        blocks: [...exact, ...covering],
      }
    },
  }
}

function notAllowed(target: string, cover: AllowEntry | undefined): string {
  const text = `${target} is not an entry of the allowlist`
  return cover === undefined
    ? text
    : `${text}: it is allowed by ${cover.target}; idsctl allow rm ${cover.target}`
}

/** Why an entry cannot be taken out by a request. */
function kept({ target, reason, source }: AllowEntry): string {
  return source === 'config'
    ? `${target} comes from the configuration file: take it out there and reload`
    : `${target} is protected as long as it is in use (${reason})`
}
