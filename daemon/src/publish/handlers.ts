/** The methods of the Idsd service: check the request, ask the view or the commands, make the answer. */

import type { Commands } from '../control/commands.js'
import type { ParseTarget } from '../control/enforcement.js'
import type { Decision } from '../enforce/decision.js'
import { ArgumentError, IdsdError, NotFoundError } from '../errors.js'
import { createCalibrationHandlers } from './calibration-handlers.js'
import { createCalls } from './calls.js'
import { type DecisionChangeKind, KINDS, MODES } from './enum-words.js'
import { createExportHandler } from './export-handler.js'
import type { Feed } from './feed.js'
import {
  alertMatcher,
  asWatchFilter,
  decisionMatcher,
  flowMatcher,
  MAX_LAST_ALERTS,
  readAlertFilter,
  readAuditFilter,
  readDecisionFilter,
  readFlowFilter,
  readTime,
} from './filters.js'
import type { IdsdHandlers } from './generated/idsd/v1/Idsd.js'
import { readAlertId, readDecisionId } from './ids.js'
import { createListHandlers, type ListService } from './list-handlers.js'
import type { Logger } from './logger.js'
import { breakerMessage, createMessages, panicMessage, trialMessage } from './messages.js'
import { applyChangeMessage, applyPlanMessage, blockPlanMessage, modePlanMessage } from './plan-messages.js'
import { readAction, readLimit, readMode, readOrder } from './request-words.js'
import { createTopSources } from './top-sources.js'
import type { AlertRow, FlowRow, View } from './view.js'
import { whyMessage } from './why-message.js'

/** Something happened to a decision. */
export interface DecisionChange {
  readonly kind: DecisionChangeKind
  readonly decision: Decision
  /** Wall time, ms. */
  readonly atMs: number
}

/** What streams deliver. */
export interface Feeds {
  readonly flows: Feed<FlowRow>
  readonly decisions: Feed<DecisionChange>
  readonly alerts: Feed<AlertRow>
}

export interface HandlersOptions {
  readonly view: View
  readonly commands: Commands
  /** Default: there are no imported lists. */
  readonly lists?: ListService | undefined
  readonly feeds: Feeds
  readonly parseTarget: ParseTarget
  readonly log: Logger
  readonly userName?: ((uid: number) => string | undefined) | undefined
}

export interface Handlers {
  readonly service: IdsdHandlers
  /** Ends every open stream with UNAVAILABLE. */
  endStreams(): void
}

const DEFAULT_TOP = 20
const MAX_TOP = 1_000

export function createHandlers({
  view,
  commands,
  lists,
  feeds,
  parseTarget,
  log,
  userName,
}: HandlersOptions): Handlers {
  const messages = createMessages(view)
  const topSources = createTopSources({ feed: feeds.flows, nowMs: () => performance.now() })
  const calls = createCalls({ log, userName })
  const { unary, unaryLater, stream } = calls

  const service: IdsdHandlers = {
    ...createListHandlers({ lists, messages, calls, userName }),
    ...createCalibrationHandlers({ view, commands, calls }),
    GetStatus: unary('GetStatus', () => messages.status(view.status())),

    GetTop: unary('GetTop', ({ count, order }) => {
      if (count > MAX_TOP) throw new ArgumentError('count', `at most ${MAX_TOP}`, String(count))
      const most = count === 0 ? DEFAULT_TOP : count
      const { windowMs, sources } = topSources.read(most, readOrder(order))
      return {
        atMs: Date.now(),
        status: messages.status(view.status()),
        windowMs,
        sources: [...sources],
        suspects: view.suspects(most).map(({ source, points }) => ({ address: source, points })),
        decisions: view.newestDecisions(most).map(messages.decisionCounters),
      }
    }),

    ListFlows: unary('ListFlows', ({ filter }) => {
      const { rows, total, isPartial = false } = view.flows(readFlowFilter(filter, parseTarget))
      return { flows: rows.map(messages.flow), total, partial: isPartial }
    }),

    WatchFlows: stream('WatchFlows', ({ filter: message }) => {
      const { filter, replays } = asWatchFilter(message, readFlowFilter(message, parseTarget))
      return {
        feed: feeds.flows,
        accepts: flowMatcher(filter),
        past: () => (replays ? [...view.flows(filter).rows].reverse() : []),
        message: (row: FlowRow, lost: number) => ({ flow: messages.flow(row), lost }),
      }
    }),

    ExportFlows: createExportHandler({ view, messages, parseTarget, calls }),

    Block: unary('Block', (request, caller) => {
      const { target, ttlMs, reason, force, dryRun, callerPeer, confirmMs } = request
      const action = readAction(request.action)
      const limit = readLimit(request.limit)
      const made = commands.block({
        ...{ target, ttlMs, reason, action, force, dryRun, callerPeer, confirmMs, caller },
        ...(limit === undefined ? {} : { limit }),
        ...(request.sparesFlows ? { sparesFlows: true } : {}),
      })
      const overridden = [...made.overridden]
      const trial = trialMessage(made.trial)
      return { decision: messages.decision(made.decision), dryRun: made.dryRun, overridden, trial }
    }),

    Unblock: unary('Unblock', ({ target, decisionId, dryRun, reason }, caller) => {
      const decisionNumber = decisionId === '' ? 0 : readDecisionId(decisionId, 'decision_id')
      const made = commands.unblock({ target, decisionNumber, dryRun, reason, caller })
      return { lifted: made.lifted.map(messages.decision), dryRun: made.dryRun }
    }),

    ListDecisions: unary('ListDecisions', ({ filter, all }) => {
      const { rows, total } = view.decisions(readDecisionFilter(filter, parseTarget), all)
      return { decisions: rows.map(messages.decisionSummary), total }
    }),

    GetDecision: unary('GetDecision', ({ id }) => {
      const number = readDecisionId(id, 'id')
      const decision = view.decision(number)
      if (decision === undefined) throw new NotFoundError(`there is no decision d${number}`)
      return messages.decision(decision)
    }),

    WatchDecisions: stream('WatchDecisions', ({ filter: message }) => {
      const { filter, replays } = asWatchFilter(message, readDecisionFilter(message, parseTarget))
      const matches = decisionMatcher(filter, parseTarget)
      return {
        feed: feeds.decisions,
        accepts: (change: DecisionChange) => matches(change.decision),
        past: () => (replays ? view.decisions(filter, true).rows.map(lastChange).reverse() : []),
        message: ({ kind, decision, atMs }: DecisionChange, lost: number) => ({
          kind: KINDS[kind],
          decision: messages.decisionSummary(decision),
          atMs,
          lost,
        }),
      }
    }),

    ListAlerts: unary('ListAlerts', ({ filter }) => {
      const { rows, total } = view.alerts(readAlertFilter(filter, parseTarget))
      return { alerts: rows.map(messages.alert), total }
    }),

    GetAlert: unary('GetAlert', ({ id }) => {
      const number = readAlertId(id, 'id')
      const alert = view.alert(number)
      if (alert === undefined) throw new NotFoundError(`there is no alert a${number}`)
      return messages.alert(alert)
    }),

    WatchAlerts: stream('WatchAlerts', ({ filter: message }) => {
      const asked = readAlertFilter(message, parseTarget)
      const { filter, replays } = asWatchFilter(message, asked, MAX_LAST_ALERTS)
      return {
        feed: feeds.alerts,
        accepts: alertMatcher(filter),
        past: () => (replays ? [...view.alerts(filter).rows].reverse() : []),
        message: (row: AlertRow, lost: number) => ({ alert: messages.alert(row), lost }),
      }
    }),

    SetMode: unary('SetMode', (request, caller) => {
      const {
        before,
        mode,
        dryRun,
        decisionsChanged,
        trial,
        overridden = [],
      } = commands.setMode({
        mode: readMode(request.mode),
        force: request.force,
        dryRun: request.dryRun,
        reason: request.reason,
        confirmMs: request.confirmMs,
        caller,
      })
      return {
        ...{ before: MODES[before], mode: MODES[mode], dryRun, decisionsChanged },
        trial: trialMessage(trial),
        overridden: [...overridden],
      }
    }),

    SetPanic: unary('SetPanic', ({ on, forMs, reason, dryRun }, caller) => {
      const made = commands.setPanic({ isOn: on, forMs, reason, dryRun, caller })
      const { decisionsDropping } = made
      const [before, after] = [panicMessage(made.before), panicMessage(made.after)]
      return { before, after, dryRun: made.dryRun, decisionsDropping }
    }),

    ResumeOrigin: unary('ResumeOrigin', ({ origin, reason, dryRun }, caller) => {
      const made = commands.resumeOrigin({ origin, reason, dryRun, caller })
      return { tripped: breakerMessage(made.tripped), dryRun: made.dryRun }
    }),

    Confirm: unary('Confirm', ({ reason, dryRun }, caller) => {
      const { trial } = commands.endTrial({ isKept: true, reason, dryRun, caller })
      return { trial: trialMessage(trial), dryRun }
    }),

    Rollback: unary('Rollback', ({ reason, dryRun }, caller) => {
      const { trial } = commands.endTrial({ isKept: false, reason, dryRun, caller })
      return { trial: trialMessage(trial), dryRun }
    }),

    Apply: unary('Apply', ({ previous, clear, ...request }, caller) => {
      const { text, name, confirmMs, force, reason, dryRun, callerPeer } = request
      const source = { text, name, isPrevious: previous, isClear: clear }
      const made = commands.apply({ ...source, confirmMs, force, reason, dryRun, callerPeer, caller })
      const { hadApplied } = made
      const change = applyChangeMessage(made, messages)
      return { change, dryRun, hadApplied, trial: trialMessage(made.trial) }
    }),

    AddAllow: unary('AddAllow', ({ logOnly, ...request }, caller) => {
      const { target, reason, ttlMs, dryRun, confirmMs, force } = request
      const order = { target, reason, ttlMs, dryRun, confirmMs, force, isLogOnly: logOnly, caller }
      const made = commands.addAllow(order)
      const overrides = made.overrides.map(messages.decisionSummary)
      const lifted = made.lifted.map(messages.decisionSummary)
      const trial = trialMessage(made.trial)
      const overridden = [...(made.overridden ?? [])]
      return {
        entry: messages.allowEntry(made.entry),
        overrides,
        lifted,
        dryRun: made.dryRun,
        trial,
        overridden,
      }
    }),

    RemoveAllow: unary('RemoveAllow', ({ target, reason, dryRun, confirmMs }, caller) => {
      const made = commands.removeAllow({ target, reason, dryRun, confirmMs, caller })
      const trial = trialMessage(made.trial)
      return { entry: messages.allowEntry(made.entry), dryRun: made.dryRun, trial }
    }),

    ListAllow: unary('ListAllow', () => ({ entries: view.allowEntries().map(messages.allowEntry) })),

    CheckAllow: unary('CheckAllow', ({ target, callerPeer }) => {
      const { entry, wider, otherwise, guards, blocks } = commands.checkAllow(target, callerPeer)
      return {
        allowed: entry !== undefined && entry.source !== 'automatic',
        entry: entry === undefined ? null : messages.allowEntry(entry),
        wider: wider.map(messages.allowEntry),
        otherwise,
        guards: [...guards],
        blocks: blocks.map(messages.decisionSummary),
      }
    }),

    Why: unaryLater('Why', async ({ target, callerPeer }) => {
      const { guards } = commands.checkAllow(target, callerPeer)
      const why = await view.why(parseTarget(target, 'target'))
      return whyMessage(why, guards, messages)
    }),

    ListAudit: unary('ListAudit', ({ filter }) => {
      const { rows, total } = view.audit(readAuditFilter(filter, parseTarget))
      return { rows: rows.map(messages.audit), total }
    }),

    PlanBlock: unaryLater('PlanBlock', async ({ targets: texts, sinceMs, callerPeer, ...rest }, isWanted) => {
      const limit = readLimit(rest.limit)
      const does = {
        action: readAction(rest.action),
        ...(limit === undefined ? {} : { limit }),
        ...(rest.sparesFlows ? { sparesFlows: true as const } : {}),
      }
      const { targets, refused } = commands.checkBlocks(texts, callerPeer, does)
      const plan = await view.planBlock(targets, does, readTime('since_ms', sinceMs), isWanted)
      return blockPlanMessage(plan, does, refused, messages)
    }),

    PlanApply: unaryLater('PlanApply', async (request, isWanted, { role }) => {
      const { text, name, previous, clear, callerPeer } = request
      const asked = {
        sinceMs: readTime('since_ms', request.sinceMs),
        callerPeer,
        mayRead: role === 'operator',
      }
      const source = { text, name, isPrevious: previous, isClear: clear }
      const { next, ...change } = commands.checkApply(source, callerPeer)
      const plan = await view.planApply(next, asked, isWanted)
      const targets = plan.more.map((one) => one.source)
      const refused =
        targets.length === 0 ? [] : commands.checkBlocks(targets, callerPeer, { action: 'drop' }).refused
      return applyPlanMessage(plan, change, refused, messages)
    }),

    PlanMode: unaryLater('PlanMode', async ({ mode, sinceMs }, isWanted) => {
      const plan = await view.planMode(readMode(mode), readTime('since_ms', sinceMs), isWanted)
      return modePlanMessage(plan, messages)
    }),
  }

  return {
    service,
    endStreams: () => {
      topSources.close()
      calls.end(new IdsdError('ERR_STOPPING', 'idsd is stopping'))
    },
  }
}

/** What a stored decision shows of itself in a stream: the last thing that happened to it. */
function lastChange(decision: Decision): DecisionChange {
  return decision.state === 'active'
    ? { kind: 'added', decision, atMs: decision.createdAtMs }
    : { kind: decision.state, decision, atMs: decision.endedAtMs }
}
