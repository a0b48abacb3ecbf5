/** Imported lists on an operator's word, or a schedule's. */

import { type Trial, type TrialOrder, type TrialState, whileTrial } from '../enforce/trial.js'
import { ArgumentError, NotFoundError, RefusedError } from '../errors.js'
import type { ListDoing } from '../lists/list-row.js'
import type { TryOut } from '../lists/list-trial.js'
import { doneTo } from '../lists/list-words.js'
import type { ImportResult, ListState, Lists } from '../lists/lists.js'
import type { Source } from '../lists/prepare.js'
import { withoutUrlSecrets } from '../lists/source-words.js'
import { tooMuch } from '../policy/coverage.js'
import { stepInWords } from '../policy/ladder.js'
import { checkConfirm, checkDoing, checkPeer, checkReason, checkTtl } from './arguments.js'
import type { AuditRow } from './audit-row.js'
import { type Caller, callerName } from './caller.js'
import type { ParseTarget } from './enforcement.js'
import { afterTrial, changeOrTry, trialInWords, trialToBe } from './on-trial.js'

export interface ImportCommand extends ListDoing {
  readonly name: string
  /** ms; 0 = until it is removed; absent: the shortest time that a decision in it says. */
  readonly ttlMs?: number
  /** Where `ttlMs` is absent and a decision ends earlier: at least so long, ms. */
  readonly leastMs?: number
  /** File or command, as the importer names it. */
  readonly origin: string
  readonly reason: string
  readonly force: boolean
  /** How long it is on trial, ms; 0 = it is for good. */
  readonly confirmMs: number
  readonly dryRun: boolean
  readonly callerPeer: string
  readonly caller: Caller
}

export interface RemoveListCommand {
  readonly name: string
  readonly reason: string
  /** As in `ImportCommand`. */
  readonly confirmMs: number
  readonly dryRun: boolean
  readonly caller: Caller
}

export interface ImportOutcome extends ImportResult {
  /** What the import is on trial for, or would be; undefined when it is for good. */
  readonly trial: TrialState | undefined
}

export interface RemoveOutcome {
  /** As it was. */
  readonly list: ListState
  readonly trial: TrialState | undefined
}

export interface ListCommands {
  /** @throws as `Lists.import`; ArgumentError */
  importList(command: ImportCommand, source: Source): Promise<ImportOutcome>
  /** @throws NotFoundError; RefusedError while lists, or with `confirmMs` anything, are on trial */
  removeList(command: RemoveListCommand): Promise<RemoveOutcome>
}

export interface ListCommandsOptions {
  readonly lists: Pick<Lists, 'import' | 'remove'>
  readonly audit: (row: AuditRow) => void
  /** Absent: nothing can be on trial. */
  readonly trial?: Pick<Trial, 'state' | 'change' | 'begin' | 'watch'>
  readonly parseTarget: ParseTarget
  /** Wall time, ms. */
  readonly nowMs: () => number
}

const MAX_ORIGIN = 300

export function createListCommands(options: ListCommandsOptions): ListCommands {
  const { lists, audit, parseTarget, nowMs } = options

  /** What fails is audited before it is thrown on. */
  const audited = async <T>(
    base: Omit<AuditRow, 'outcome' | 'detail'>,
    dryRun: boolean,
    work: () => Promise<T>,
  ) => {
    try {
      return await work()
    } catch (error) {
      // What was asked wrongly wanted to change nothing.
      const isWrong = error instanceof ArgumentError || error instanceof NotFoundError
      const outcome = error instanceof RefusedError ? 'refused' : 'failed'
      if (!dryRun && !isWrong)
        audit({ ...base, outcome, detail: error instanceof Error ? error.message : String(error) })
      throw error
    }
  }

  /** Of a change for good nothing. */
  const tryingOut = (order: TrialOrder): { readonly tryOut?: TryOut } => {
    if (order.forMs === 0) return {}
    const check = () => {
      const running = options.trial?.state
      if (running !== undefined) throw whileTrial(running)
    }
    return { tryOut: { check, begin: (draft) => void changeOrTry(options, order, draft) } }
  }

  const commands: ListCommands = {
    async importList(command, source) {
      const { name, action, limit, force, dryRun } = command
      checkDoing(command)
      const doing: ListDoing = { action, ...(limit === undefined ? {} : { limit }) }
      const reason = checkReason(command.reason, '')
      const callerPeer = checkPeer(command.callerPeer, parseTarget)
      const { leastMs = 0 } = command
      const ttl = command.ttlMs === undefined ? { leastMs } : { ttlMs: checkTtl(command.ttlMs) }
      const createdBy = callerName(command.caller)
      const origin = withoutUrlSecrets(command.origin)
        .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
        .slice(0, MAX_ORIGIN)
      const row = { atMs: nowMs(), action: 'list_import', target: '', caller: createdBy, reason } as const
      const base = { ...row, decisionNumbers: [] }
      const forMs = checkConfirm(command.confirmMs)
      const trialOrder = { forMs, by: createdBy, what: `import of the list ${name}`, reason }
      const order = { name, ...doing, origin, reason, createdBy, dryRun, callerPeer, isForced: force, ...ttl }
      const given = { ...order, ...tryingOut(trialOrder) }
      const made = await audited(base, dryRun, () => lists.import(given, source))
      if (dryRun) return { ...made, trial: trialToBe(options, trialOrder, nowMs()) }
      const trial = forMs === 0 ? undefined : options.trial?.state
      const { list, before, prepared, refused } = made
      const { added, removed, refusedCount, faultCount, covered } = prepared
      const wide = force && action !== 'count' ? tooMuch(covered) : undefined
      const spared = force ? 'forced' : 'refused'
      const detail = [
        `list ${name} from ${origin}: ${added} added, ${removed} removed`,
        ...(faultCount > 0 ? [`${faultCount} bad lines skipped`] : []),
        ...(wide === undefined ? [] : [`it ${doneTo(action)} ${wide}`]),
        ...(refusedCount > 0 ? [`${refusedCount} ${spared}: ${refused[0]?.text ?? ''}`] : []),
      ].join('; ')
      audit({
        ...base,
        outcome: force && (refusedCount > 0 || wide !== undefined) ? 'forced' : 'done',
        detail: detail + trialInWords(trial),
        before: before === undefined ? 'no such list' : listInWords(before),
        after: listInWords(list),
      })
      return { ...made, trial }
    },

    async removeList({ name, reason: why, confirmMs, dryRun, caller: who }) {
      const reason = checkReason(why, '')
      const forMs = checkConfirm(confirmMs)
      const order = { forMs, by: callerName(who), what: `removal of the list ${name}`, reason }
      const row = {
        atMs: nowMs(),
        action: 'list_remove',
        target: '',
        caller: callerName(who),
        reason,
      } as const
      const base = { ...row, decisionNumbers: [] }
      const { tryOut } = tryingOut(order)
      const list = await audited(base, dryRun, () => lists.remove(name, dryRun, tryOut))
      if (dryRun) return { list, trial: trialToBe(options, order, nowMs()) }
      const trial = forMs === 0 ? undefined : options.trial?.state
      audit({
        ...base,
        outcome: 'done',
        detail: `list ${name}${trialInWords(trial)}`,
        before: listInWords(list),
        after: 'no such list',
      })
      return { list, trial }
    },
  }
  return afterTrial(commands, options.trial)
}

function listInWords({
  name,
  entries,
  expiresAtMs,
  ...doing
}: Pick<ListState, 'name' | 'entries' | 'action' | 'limit' | 'expiresAtMs'>) {
  const end = expiresAtMs === 0 ? '' : ` until ${new Date(expiresAtMs).toISOString()}`
  return `list ${name}: ${stepInWords(doing)} ${entries} ${entries === 1 ? 'entry' : 'entries'}${end}`
}
