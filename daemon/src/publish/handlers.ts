/** The methods of the Idsd service: check the request, ask the view or the commands, make the answer. */

import type { handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import type { Caller } from '../control/caller.js'
import type { Commands } from '../control/commands.js'
import type { ParseTarget } from '../control/enforcement.js'
import type { Decision } from '../enforce/decision.js'
import { ArgumentError, IdsdError, NotFoundError } from '../errors.js'
import { calibrationChangeMessage, calibrationStatusMessage, proposalMessage } from './calibration-message.js'
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
  readExportFilter,
  readFlowFilter,
  readTime,
} from './filters.js'
import type { CalibrationRequest__Output } from './generated/idsd/v1/CalibrationRequest.js'
import type { ExportFlowsPage } from './generated/idsd/v1/ExportFlowsPage.js'
import type { ExportFlowsRequest__Output } from './generated/idsd/v1/ExportFlowsRequest.js'
import type { IdsdHandlers } from './generated/idsd/v1/Idsd.js'
import { callStatus } from './grpc-errors.js'
import { readAlertId, readDecisionId } from './ids.js'
import { createListHandlers, type ListService } from './list-handlers.js'
import type { Logger } from './logger.js'
import {
  breakerMessage,
  createMessages,
  type DecisionChangeKind,
  KINDS,
  MODES,
  panicMessage,
  trialMessage,
} from './messages.js'
import { callerOf } from './peer.js'
import { applyChangeMessage, blockPlanMessage, modePlanMessage } from './plan-messages.js'
import { readAction, readLimit, readMode, readOrder } from './request-words.js'
import { sendExport } from './send-export.js'
import { startStream } from './stream.js'
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
/** Each takes its share of the main thread until it is over. */
const MAX_EXPORTS = 4

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
  const streams = new Set<{ fail(error: unknown): void }>()
  let exportsOpen = 0

  function unary<Q, A>(method: string, answer: (request: Q, caller: Caller) => A): handleUnaryCall<Q, A> {
    return (call, callback) => {
      try {
        const { caller = '' } = call.request as { caller?: string }
        callback(null, answer(call.request, callerOf(call, caller, userName)))
      } catch (error) {
        callback(callStatus(error, method, log))
      }
    }
  }

  /** For what takes long. `isWanted` says no once the caller went or the daemon stops. */
  function unaryLater<Q, A>(
    method: string,
    answer: (request: Q, isWanted: () => boolean) => Promise<A>,
  ): handleUnaryCall<Q, A> {
    return (call, callback) => {
      let isOpen = true
      const fail = (error: unknown): void => {
        if (!isOpen) return
        isOpen = false
        streams.delete(entry)
        callback(callStatus(error, method, log))
      }
      const entry = { fail }
      streams.add(entry)
      answer(call.request, () => isOpen && !call.cancelled).then((found) => {
        if (!isOpen) return
        isOpen = false
        streams.delete(entry)
        callback(null, found)
      }, fail)
    }
  }

  function stream<Q, M, T>(
    method: string,
    open: (request: Q) => Omit<Parameters<typeof startStream<T, M>>[1], 'fail'>,
  ): (call: ServerWritableStream<Q, M>) => void {
    return (call) => {
      const fail = (error: unknown): void => {
        streams.delete(entry)
        call.emit('error', callStatus(error, method, log))
      }
      const entry = { fail }
      try {
        startStream<T, M>(call, { ...open(call.request), fail })
        streams.add(entry)
        call.on('cancelled', () => streams.delete(entry))
      } catch (error) {
        fail(error)
      }
    }
  }

  const order = ({ forMs, reason, force, dryRun }: CalibrationRequest__Output) => ({
    ...{ forMs, reason, force, dryRun },
  })

  /** Automatic decisions against a source while it was learnt. */
  function decisionsLearnt(): (source: string) => readonly number[] {
    const { run } = view.status().calibration
    if (run === undefined) return () => []
    const made = view.automaticDecisions(run.startedAtMs)
    return (source) => made.get(source) ?? []
  }

  /** Not a feed's stream: it has an end, and nobody is lost to a slow reader. */
  function exportFlows(call: ServerWritableStream<ExportFlowsRequest__Output, ExportFlowsPage>): void {
    const fail = (error: unknown): void => {
      streams.delete(entry)
      call.emit('error', callStatus(error, 'ExportFlows', log))
    }
    const entry = { fail }
    try {
      if (exportsOpen >= MAX_EXPORTS) {
        throw new IdsdError(
          'ERR_BUSY',
          `${MAX_EXPORTS} exports are open already, which is the most there may be`,
        )
      }
      const { filter, features } = call.request
      const flows = view.exportFlows(readExportFilter(filter, parseTarget), features)
      streams.add(entry)
      exportsOpen++
      sendExport(call, flows, messages)
        .catch(fail)
        .finally(() => {
          exportsOpen--
          streams.delete(entry)
        })
    } catch (error) {
      fail(error)
    }
  }

  const service: IdsdHandlers = {
    ...createListHandlers({ lists, messages, log, userName }),
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

    ExportFlows: exportFlows,

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
      const { before, mode, dryRun, decisionsChanged, trial } = commands.setMode({
        mode: readMode(request.mode),
        dryRun: request.dryRun,
        reason: request.reason,
        confirmMs: request.confirmMs,
        caller,
      })
      return {
        ...{ before: MODES[before], mode: MODES[mode], dryRun, decisionsChanged },
        trial: trialMessage(trial),
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
      const { target, reason, ttlMs, dryRun, confirmMs } = request
      const order = { target, reason, ttlMs, dryRun, confirmMs, isLogOnly: logOnly, caller }
      const made = commands.addAllow(order)
      const overrides = made.overrides.map(messages.decisionSummary)
      const lifted = made.lifted.map(messages.decisionSummary)
      const trial = trialMessage(made.trial)
      return { entry: messages.allowEntry(made.entry), overrides, lifted, dryRun: made.dryRun, trial }
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

    PlanBlock: unaryLater('PlanBlock', async ({ targets: texts, sinceMs, callerPeer }, isWanted) => {
      const { targets, refused } = commands.checkBlocks(texts, callerPeer)
      const plan = await view.planBlock(targets, readTime('since_ms', sinceMs), isWanted)
      return blockPlanMessage(plan, refused, messages)
    }),

    GetCalibration: unary('GetCalibration', ({ propose, alerts, include, exclude }) => {
      const { calibration } = view.status()
      const status = calibrationStatusMessage(calibration)
      if (!propose) return { status, proposal: null }
      const proposal = commands.proposeCalibration({ alerts, include, exclude })
      return { status, proposal: proposalMessage(proposal, decisionsLearnt()) }
    }),

    StartCalibration: unary('StartCalibration', (request, caller) =>
      calibrationChangeMessage(commands.startCalibration({ ...order(request), caller }), decisionsLearnt()),
    ),
    ApplyCalibration: unary('ApplyCalibration', (request, caller) => {
      const { alerts, include, exclude } = request
      const made = commands.applyCalibration({ ...order(request), caller, alerts, include, exclude })
      return calibrationChangeMessage(made, decisionsLearnt())
    }),
    CancelCalibration: unary('CancelCalibration', (request, caller) =>
      calibrationChangeMessage(commands.cancelCalibration({ ...order(request), caller }), () => []),
    ),
    ClearCalibration: unary('ClearCalibration', (request, caller) =>
      calibrationChangeMessage(commands.clearCalibration({ ...order(request), caller }), () => []),
    ),

    PlanApply: unaryLater('PlanApply', async ({ text, name, previous, clear, ...request }, isWanted) => {
      const sinceMs = readTime('since_ms', request.sinceMs)
      const source = { text, name, isPrevious: previous, isClear: clear }
      const { next, ...change } = commands.checkApply(source, request.callerPeer)
      const { isPartial, ...plan } = await view.planApply(next, sinceMs, isWanted)
      const targets = plan.more.map((one) => one.source)
      const check = targets.length === 0 ? undefined : commands.checkBlocks(targets, request.callerPeer)
      const hit = check && (await view.planBlock(check.targets, sinceMs, isWanted))
      return {
        change: applyChangeMessage(change, messages),
        ...plan,
        more: [...plan.more],
        fewer: [...plan.fewer],
        hit: check && hit ? blockPlanMessage(hit, check.refused, messages) : null,
        partial: isPartial,
      }
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
      for (const { fail } of [...streams]) fail(new IdsdError('ERR_STOPPING', 'idsd is stopping'))
    },
  }
}

/** What a stored decision shows of itself in a stream: the last thing that happened to it. */
function lastChange(decision: Decision): DecisionChange {
  return decision.state === 'active'
    ? { kind: 'added', decision, atMs: decision.createdAtMs }
    : { kind: decision.state, decision, atMs: decision.endedAtMs }
}
