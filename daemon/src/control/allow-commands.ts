/** The allowlist on an operator's word. */

import type { AllowEntry, Decision } from '../enforce/decision.js'
import { whileTrial } from '../enforce/trial.js'
import { NotFoundError, RefusedError } from '../errors.js'
import type { Target } from '../policy/address.js'
import { coverageOf, tooMuch } from '../policy/coverage.js'
import { checkConfirm, checkPeer, checkReason, checkTarget, checkTtl } from './arguments.js'
import { audited } from './audited.js'
import { callerName } from './caller.js'
import type { Commands, CommandsOptions } from './commands.js'
import { allowInWords, blocksInWords } from './in-words.js'
import { changeOrTry, trialInWords, trialToBe } from './on-trial.js'

const DEFAULT_REASON = 'allowed by the operator'

export function createAllowCommands(
  options: CommandsOptions,
): Pick<Commands, 'addAllow' | 'removeAllow' | 'checkAllow'> {
  const { enforcement, parseTarget, refusals, audit, nowMs } = options

  /** Blocks that lie in the target: a list's stay, because its next import would bring them back. */
  const endedBy = (target: Target) => {
    const { exact, inside } = enforcement.blocksAround(target)
    const all = [...exact, ...inside]
    return {
      lifted: all.filter(({ origin }) => origin !== 'list'),
      kept: all.filter(({ origin }) => origin === 'list'),
    }
  }

  /** Inside a prefix they come a thousand at a time. */
  const liftAll = (target: Target, caller: string): Decision[] => {
    const lifted: Decision[] = []
    for (let found = endedBy(target).lifted; found.length > 0; found = endedBy(target).lifted) {
      lifted.push(...enforcement.lift(found, caller))
    }
    return lifted
  }

  /** @throws RefusedError when a trial that runs says something else about the target */
  const leaveTrial = (target: Target, forMs: number) => {
    const running = options.trial?.state
    if (forMs === 0 && running !== undefined && enforcement.onTrial(target)) throw whileTrial(running)
  }

  /** Entries for everything, one by one or together, are an idsd that does nothing. */
  const tooWide = (target: Target): readonly string[] => {
    const standing = enforcement
      .allowEntries()
      .filter(({ source }) => source !== 'automatic')
      .map((entry) => parseTarget(entry.target, 'target'))
    const much = tooMuch(coverageOf([...standing, target]), coverageOf(standing))
    return much === undefined ? [] : [`with it the allowlist would let ${much} through, whatever they do`]
  }

  return {
    addAllow: (command) => {
      const target = checkTarget(command.target, parseTarget)
      const ttlMs = checkTtl(command.ttlMs)
      const forMs = checkConfirm(command.confirmMs)
      const reason = checkReason(command.reason, DEFAULT_REASON)
      const caller = callerName(command.caller)
      const atMs = nowMs()
      const standing = enforcement.allowEntry(target)
      const ended = endedBy(target)
      const { covering } = enforcement.blocksAround(target)
      const overrides = [...ended.kept, ...covering]
      const { dryRun } = command
      const entry: AllowEntry = {
        target: target.text,
        reason,
        createdAtMs: atMs,
        createdBy: caller,
        source: 'operator',
        ...(ttlMs === 0 ? {} : { expiresAtMs: atMs + ttlMs }),
        ...(command.isLogOnly ? { isLogOnly: true as const } : {}),
      }
      if (standing?.source === 'config') return { entry: standing, lifted: [], overrides, dryRun }
      const base = { atMs, action: 'allow_add', target: target.text, caller, reason } as const
      const guards = tooWide(target)
      if (guards.length > 0 && command.force !== true) {
        const detail = guards.join('; ')
        if (!dryRun) audit({ ...base, outcome: 'refused', detail, decisionNumbers: [] })
        throw new RefusedError(`refused: ${detail} (--force overrides)`, guards)
      }
      const overridden = guards.length === 0 ? {} : { overridden: guards }
      const order = { forMs, by: caller, reason, what: `allow of ${target.text}` }
      if (dryRun) {
        const trial = trialToBe(options, order, atMs)
        return { entry, lifted: ended.lifted, overrides, dryRun, trial, ...overridden }
      }
      const { made, trial } = audited(options, base, () => {
        leaveTrial(target, forMs)
        return changeOrTry(options, order, () => {
          const added = enforcement.addAllow(target, entry)
          // Not before the entry holds: in between its packets would meet the next wider block.
          return { added, lifted: liftAll(target, caller) }
        })
      })
      const { added, lifted } = made
      const before = allowInWords(standing?.source === 'operator' ? standing : undefined)
      audit({
        ...base,
        outcome: guards.length === 0 ? 'done' : 'forced',
        detail: `${[reason, ...guards].join('; ')}${lifted.length === 0 ? '' : `; lifted: ${blocksInWords(lifted)}`}${trialInWords(trial)}`,
        decisionNumbers: lifted.map(({ number }) => number),
        before: lifted.length === 0 ? before : `${before}; ${blocksInWords(lifted)}`,
        after: allowInWords(added),
      })
      return { entry: added, lifted, overrides, dryRun, trial, ...overridden }
    },

    removeAllow: (command) => {
      const target = checkTarget(command.target, parseTarget)
      const forMs = checkConfirm(command.confirmMs)
      const caller = callerName(command.caller)
      const reason = checkReason(command.reason, '')
      const base = { atMs: nowMs(), action: 'allow_remove', target: target.text, caller, reason } as const
      const entry = enforcement.allowEntry(target)
      if (entry === undefined) {
        throw new NotFoundError(notAllowed(target.text, enforcement.coveringAllow(target)))
      }
      if (entry.source !== 'operator') {
        const text = kept(entry)
        if (!command.dryRun) audit({ ...base, outcome: 'refused', detail: text, decisionNumbers: [] })
        throw new RefusedError(text, [text])
      }
      const order = { forMs, by: caller, reason, what: `removal of the allow entry ${target.text}` }
      if (command.dryRun) return { entry, dryRun: true, trial: trialToBe(options, order, nowMs()) }
      const { trial } = audited(options, base, () => {
        leaveTrial(target, forMs)
        return changeOrTry(options, order, () => enforcement.removeAllow(target, entry, caller))
      })
      const after = allowInWords(enforcement.coveringAllow(target))
      const states = { before: allowInWords(entry), after }
      const detail = `${entry.reason}${trialInWords(trial)}`
      audit({ ...base, outcome: 'done', detail, decisionNumbers: [], ...states })
      return { entry, dryRun: false, trial }
    },

    checkAllow: (text, callerPeer) => {
      const target = checkTarget(text, parseTarget)
      const peer = checkPeer(callerPeer, parseTarget)
      const { exact, covering } = enforcement.blocksAround(target)
      const [entry = automaticEntry(target), ...wider] = enforcement.allowChain(target)
      const guards = refusals(target, peer)
        .filter((refusal) => refusal.guard !== 'allow')
        .map((refusal) => refusal.text)
      const blocks = [...exact, ...covering]
      const drops = ({ action, origin }: Decision) =>
        action !== 'count' && (enforcement.mode === 'prevent' || origin === 'operator' || origin === 'list')
      const list = options.listed?.(target)
      return { entry, wider, guards, blocks, otherwise: otherwise(wider[0], blocks, drops, guards, list) }
    },
  }

  function automaticEntry(target: Target): AllowEntry | undefined {
    const entry = enforcement.allowEntry(target)
    return entry?.source === 'automatic' ? entry : undefined
  }
}

const HELD_BACK: Readonly<Record<Decision['action'], string>> = {
  drop: 'dropped',
  reject: 'rejected',
  limit: 'limited',
  synDrop: 'dropped where they are SYNs',
  count: 'counted',
}

/** What decides about the packets of a target once its own allow entry is gone. */
function otherwise(
  wider: AllowEntry | undefined,
  blocks: readonly Decision[],
  drops: (decision: Decision) => boolean,
  guards: readonly string[],
  list: string | undefined,
): string {
  if (wider !== undefined) return `it is allowed by ${wider.target} (${wider.reason})`
  const first = blocks.find(drops) ?? blocks[0]
  if (list !== undefined && (first === undefined || !drops(first))) return list
  if (first !== undefined) {
    const { number, target, reason } = first
    const verb = drops(first) ? HELD_BACK[first.action] : HELD_BACK.count
    return `its packets are ${verb} by d${number} (${target}: ${reason})`
  }
  if (guards.length > 0) return 'its packets pass, and a block of it is refused without --force'
  return 'its packets pass: no block covers it, and a block of it would hold'
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
