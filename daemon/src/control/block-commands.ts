/** Block and unblock on an operator's word. */

import type { Decision } from '../enforce/decision.js'
import { ArgumentError, NotFoundError, RefusedError } from '../errors.js'
import type { Target } from '../policy/address.js'
import { admitsLimit } from '../policy/guards.js'
import { stepInWords } from '../policy/ladder.js'
import { checkConfirm, checkDoing, checkPeer, checkReason, checkTarget, checkTtl } from './arguments.js'
import { audited } from './audited.js'
import { callerName } from './caller.js'
import type { BlockCommand, Commands, CommandsOptions, UnblockCommand } from './commands.js'
import type { BlockOrder, BlocksAround } from './enforcement.js'
import { blocksInWords } from './in-words.js'
import { changeOrTry, trialInWords, trialToBe } from './on-trial.js'

const DEFAULT_REASON = 'blocked by the operator'

export function createBlockCommands(options: CommandsOptions): Pick<Commands, 'block' | 'unblock'> {
  const { enforcement, parseTarget, refusals, audit, nowMs, listed } = options

  /** Guards that force overrode, in words. @throws RefusedError */
  function guard(target: Target, command: BlockCommand): readonly string[] {
    const peer = checkPeer(command.callerPeer, parseTarget)
    const allow = enforcement.coveringAllow(target)
    if (allow !== undefined) throw refusedByAllow(target.text, allow.target, allow.reason)
    const objections = refusals(target, peer)
    const locked = objections.find((refusal) => refusal.guard === 'allow')
    if (locked !== undefined) throw refusedByAllow(target.text, locked.entry, '')
    const isMild = command.action === 'limit' && command.sparesFlows === true
    if (isMild && admitsLimit(objections)) return []
    const guards = objections.map((refusal) => refusal.text)
    if (guards.length > 0 && !command.force) {
      throw new RefusedError(`refused: ${guards.join('; ')} (--force overrides)`, guards)
    }
    return guards
  }

  /** The active decisions that the command means. @throws ArgumentError, NotFoundError */
  function named({ target, decisionNumber }: UnblockCommand): {
    text: string
    decisions: readonly Decision[]
  } {
    if (target !== '' && decisionNumber !== 0) {
      throw new ArgumentError('decision_id', 'either a target or a decision id', 'both')
    }
    if (decisionNumber !== 0) {
      const decision = activeDecision(decisionNumber, enforcement.decision(decisionNumber))
      return { text: decision.target, decisions: [decision] }
    }
    const parsed = checkTarget(target, parseTarget)
    const around = enforcement.blocksAround(parsed)
    if (around.exact.length === 0) {
      const list = around.covering.length === 0 ? listed?.(parsed) : undefined
      if (list === undefined) throw new NotFoundError(nearest(parsed.text, around))
      throw new NotFoundError(
        `${parsed.text} is not blocked by itself: ${list}; idsctl allow add ${parsed.text} lets it through`,
      )
    }
    return { text: parsed.text, decisions: around.exact }
  }

  /** In words: what goes on dropping it, of itself or by a wider block. */
  function stillBlocked(target: Target): string {
    const { exact, covering } = enforcement.blocksAround(target)
    if (exact.length > 0) return blocksInWords(exact)
    const cover = covering[0]
    return cover === undefined ? 'not blocked' : `in ${cover.target}: ${blocksInWords([cover])}`
  }

  return {
    block: (command) => {
      const target = checkTarget(command.target, parseTarget)
      const ttlMs = checkTtl(command.ttlMs)
      const reason = checkReason(command.reason, DEFAULT_REASON)
      checkDoing(command)
      const forMs = checkConfirm(command.confirmMs)
      const caller = callerName(command.caller)
      const atMs = nowMs()
      const base = { atMs, action: 'block', target: target.text, caller, reason } as const
      const order: BlockOrder = {
        target,
        action: command.action,
        ...(command.limit === undefined ? {} : { limit: command.limit }),
        ...(command.sparesFlows === undefined ? {} : { sparesFlows: command.sparesFlows }),
        reason,
        createdBy: caller,
        createdAtMs: atMs,
        expiresAtMs: ttlMs === 0 ? 0 : atMs + ttlMs,
      }
      let overridden: readonly string[]
      try {
        overridden = guard(target, command)
      } catch (error) {
        if (error instanceof RefusedError && !command.dryRun) {
          audit({ ...base, outcome: 'refused', detail: error.guards.join('; '), decisionNumbers: [] })
        }
        throw error
      }
      const what = `${command.action === 'count' ? 'count' : 'block'} of ${target.text}`
      const onTrial = { forMs, by: caller, reason, what }
      if (command.dryRun) {
        const trial = trialToBe(options, onTrial, atMs)
        return { decision: enforcement.preview(order), dryRun: true, overridden, trial }
      }
      const before = blocksInWords(enforcement.blocksAround(target).exact)
      const { made: decision, trial } = audited(options, base, () =>
        changeOrTry(options, onTrial, () => enforcement.block(order)),
      )
      const lasting = ttlMs === 0 ? 'until unblocked' : `for ${ttlMs / 1000} s`
      audit({
        ...base,
        outcome: overridden.length > 0 ? 'forced' : 'done',
        detail:
          [`${stepInWords(command)} ${lasting}: ${reason}`, ...overridden].join('; ') + trialInWords(trial),
        decisionNumbers: [decision.number],
        before,
        after: blocksInWords(enforcement.blocksAround(target).exact),
      })
      return { decision, dryRun: false, overridden, trial }
    },

    unblock: (command) => {
      const { text, decisions } = named(command)
      const reason = checkReason(command.reason, '')
      if (command.dryRun) return { lifted: decisions, dryRun: true }
      const caller = callerName(command.caller)
      const base = { atMs: nowMs(), action: 'unblock', target: text, caller, reason } as const
      const before = blocksInWords(decisions)
      const lifted = audited(options, base, () => enforcement.lift(decisions, caller))
      const decisionNumbers = lifted.map((decision) => decision.number)
      const after = stillBlocked(parseTarget(text, 'target'))
      audit({ ...base, outcome: 'done', detail: reason, decisionNumbers, before, after })
      return { lifted, dryRun: false }
    },
  }
}

function refusedByAllow(target: string, entry: string, reason: string): RefusedError {
  const because = reason === '' ? '' : ` (${reason})`
  const text = `${target} is allowed by the entry ${entry}${because}`
  return new RefusedError(`${text}, and allow wins over every block; first: idsctl allow rm ${entry}`, [text])
}

function activeDecision(number: number, decision: Decision | undefined): Decision {
  if (decision === undefined) throw new NotFoundError(`there is no decision d${number}`)
  if (decision.state === 'active') return decision
  const ended = new Date(decision.endedAtMs).toISOString()
  throw new NotFoundError(
    `decision d${number} (${decision.target}) is not active: ${decision.state} at ${ended}`,
  )
}

/** Says what is blocked close by, because an address inside a blocked prefix looks blocked and is not found. */
function nearest(target: string, { covering, inside }: BlocksAround): string {
  const cover = covering[0]
  if (cover !== undefined) {
    return (
      `${target} is not blocked by itself: it lies in ${cover.target}, blocked by d${cover.number} ` +
      `(${cover.reason}); idsctl unblock ${cover.target}, or idsctl allow add ${target}`
    )
  }
  const within = inside[0]
  if (within !== undefined) {
    const more = inside.length > 1 ? ` and ${inside.length - 1} more` : ''
    return `${target} is not blocked as a whole: inside it, ${within.target} (d${within.number})${more} is`
  }
  return `${target} is not blocked`
}
