/** Settings in a file of their own take effect, on an operator's word: all of them, or none. */

import type { Config } from '../config/config.js'
import { diffConfig, settingsInWords, valueInWords } from '../config/diff-config.js'
import type { AllowEntry } from '../enforce/decision.js'
import { whileTrial } from '../enforce/trial.js'
import { ArgumentError, ConfigError, NotFoundError, RefusedError } from '../errors.js'
import { coverageOf, tooMuch } from '../policy/coverage.js'
import type { ApplyChange, ApplyCommands, ApplyDesk, ApplySource } from './apply-order.js'
import { checkConfirm, checkPeer, checkReason } from './arguments.js'
import { audited } from './audited.js'
import { callerName } from './caller.js'
import type { CommandsOptions } from './commands.js'
import { changeOrTry, trialInWords, trialToBe } from './on-trial.js'

const MAX_DECISIONS = 1_000
/** Added entries whose decisions are looked for. */
const MAX_LOOKS = 100
const MAX_NAME = 100

export function createApplyCommand(options: CommandsOptions): ApplyCommands {
  const { enforcement, parseTarget, refusals, audit, nowMs } = options

  const desk = (): ApplyDesk => {
    if (options.settings === undefined) throw new NotFoundError('this idsd has no settings to apply')
    return options.settings
  }

  /** @returns undefined: nothing is applied from here on */
  const textOf = ({ text, isPrevious, isClear }: ApplySource): string | undefined => {
    if (Number(text !== '') + Number(isPrevious) + Number(isClear) !== 1)
      throw new ArgumentError('text', 'either a file, or previous, or clear', 'none or several of them')
    if (!isPrevious) return isClear ? undefined : text
    const { applied, appliedBefore } = desk()
    if (applied === undefined && appliedBefore === undefined)
      throw new NotFoundError('nothing was applied before')
    return appliedBefore
  }

  const configWith = (text: string | undefined, name: string): Config => {
    try {
      return desk().with(text, name === '' ? 'the file' : printable(name))
    } catch (fault) {
      if (!(fault instanceof ConfigError)) throw fault
      throw new FaultyFile(fault.message)
    }
  }

  const changeOf = (next: Config, callerPeer: string): ApplyChange => {
    const { now, allowEntries } = desk()
    const peer = checkPeer(callerPeer, parseTarget)
    const [before, after] = [now, next].map((config) => byTarget(allowEntries(config)))
    const added = [...after!.values()].filter(({ target, isLogOnly }) => {
      const known = before!.get(target)
      return known === undefined || known.isLogOnly !== isLogOnly
    })
    const removed = [...before!.values()].filter(({ target }) => !after!.has(target))
    // Each is a walk over all decisions.
    const overrides = added.slice(0, MAX_LOOKS).flatMap(({ target }) => {
      const { exact, covering, inside } = enforcement.blocksAround(parseTarget(target, 'target'))
      return [...exact, ...covering, ...inside]
    })
    return {
      settings: diffConfig(now, next)
        .reloadable.filter((path) => path !== 'allow.entries')
        .map((path) => ({ path, before: valueInWords(now, path), after: valueInWords(next, path) })),
      allowAdded: added,
      allowRemoved: removed,
      overrides: [...new Map(overrides.map((decision) => [decision.number, decision])).values()].slice(
        0,
        MAX_DECISIONS,
      ),
      guards: [...tooWide([...before!.keys()], [...after!.keys()]), ...lostProtection(removed, peer)],
    }
  }

  const byTarget = (entries: readonly AllowEntry[]) =>
    new Map(
      entries.map((entry) => {
        const { text } = parseTarget(entry.target, 'allow.entries')
        return [text, { ...entry, target: text }] as const
      }),
    )

  /** Entries for everything, one by one or together, are an idsd that does nothing. */
  const tooWide = (before: readonly string[], after: readonly string[]): string[] => {
    const standing = enforcement.allowEntries().filter(({ source }) => source === 'operator')
    const covered = (texts: readonly string[]) =>
      coverageOf(
        [...standing.map(({ target }) => target), ...texts].map((text) => parseTarget(text, 'target')),
      )
    const much = tooMuch(covered(after), covered(before))
    return much === undefined ? [] : [`the allowlist would let ${much} through, whatever they do`]
  }

  /** Without the entry a block that stands would drop what guards protect. */
  const lostProtection = (removed: readonly AllowEntry[], peer: string): string[] =>
    removed.flatMap(({ target: text }) => {
      const target = parseTarget(text, 'target')
      const objections = refusals(target, peer).filter(({ guard }) => guard !== 'allow')
      if (objections.length === 0) return []
      const { exact, covering, inside } = enforcement.blocksAround(target)
      const block = [...exact, ...covering, ...inside].find(({ action }) => action !== 'count')
      if (block === undefined) return []
      return objections.map(
        (refusal) => `without the allow entry ${text}, d${block.number} drops: ${refusal.text}`,
      )
    })

  return {
    checkApply: (source, callerPeer) => {
      const next = configWith(textOf(source), source.name)
      return { ...changeOf(next, callerPeer), next }
    },
    apply: ({ confirmMs, force, dryRun, callerPeer, caller, ...command }) => {
      const reason = checkReason(command.reason, '')
      const forMs = checkConfirm(confirmMs)
      const text = textOf(command)
      const next = configWith(text, command.name)
      const change = changeOf(next, callerPeer)
      const { now, applied } = desk()
      const by = callerName(caller)
      const atMs = nowMs()
      const what =
        text === undefined ? 'no applied settings' : `the settings of ${printable(command.name) || 'before'}`
      const order = { forMs, by, reason, what, applied: text ?? null }
      const base = { atMs, action: 'apply', target: '', caller: by, reason } as const
      if (change.guards.length > 0 && !force) {
        const detail = change.guards.join('; ')
        if (!dryRun) audit({ ...base, outcome: 'refused', detail, decisionNumbers: [] })
        throw new RefusedError(`refused: ${detail} (--force overrides)`, change.guards)
      }
      const outcome = { ...change, dryRun, hadApplied: applied !== undefined }
      if (dryRun) return { ...outcome, trial: trialToBe(options, order, atMs) }
      const { trial } = audited(options, base, () => {
        const running = options.trial?.state
        if (running !== undefined) throw whileTrial(running)
        return changeOrTry(options, order, () => desk().apply(text, forMs > 0))
      })
      const paths = diffConfig(now, next).reloadable
      audit({
        ...base,
        outcome: change.guards.length > 0 ? 'forced' : 'done',
        detail:
          [`${what}: ${paths.join(', ') || 'no change'}`, ...change.guards].join('; ') + trialInWords(trial),
        decisionNumbers: [],
        before: settingsInWords(now, paths),
        after: settingsInWords(next, paths),
      })
      return { ...outcome, trial }
    },
  }
}

/** All faults of a file in one message, as a start tells them. */
class FaultyFile extends ArgumentError {
  constructor(faults: string) {
    super('text', 'settings without faults', 'faults')
    this.message = faults
  }
}

/** A name goes into tables and logs: control characters and line breaks would let it forge other lines. */
function printable(name: string): string {
  return name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').slice(0, MAX_NAME)
}
