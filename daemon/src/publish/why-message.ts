/** All about one address, as a message of the proto contract. */

import type { KernelMatch } from '../enforce/kernel-match.js'
import type { Fate } from '../kernel/address-trace.js'
import { ACTIONS, MODES, ORIGINS } from './enum-words.js'
import type { Fate as FateMessage } from './generated/idsd/v1/Fate.js'
import type { KernelMatch as KernelMatchMessage } from './generated/idsd/v1/KernelMatch.js'
import type { WhyResponse } from './generated/idsd/v1/WhyResponse.js'
import { decisionId } from './ids.js'
import { holdingMessage } from './list-handlers.js'
import { limitMessage, type Messages } from './messages.js'
import type { WhyView } from './view.js'

const FATES: Record<Fate, FateMessage> = {
  dropped: 'FATE_DROPPED',
  rejected: 'FATE_REJECTED',
  limited: 'FATE_LIMITED',
  syn_dropped: 'FATE_SYN_DROPPED',
  counted: 'FATE_COUNTED',
  allowed: 'FATE_ALLOWED',
  spared: 'FATE_SPARED',
  passes: 'FATE_PASSES',
}

/** @param guards that would refuse a block, in words */
export function whyMessage(why: WhyView, guards: readonly string[], messages: Messages): WhyResponse {
  const { target, atMs, fate, fateWithoutAllow, entries, decisions, history, alerts, modelReason } = why
  return {
    target,
    atMs,
    fate: FATES[fate],
    fateWithoutAllow: FATES[fateWithoutAllow],
    entries: entries.map(kernelMatchMessage),
    decisions: decisions.map(messages.decision),
    divergences: [...why.divergences],
    allows: why.allows.map(({ entry, inKernel, isOnTrial: onTrial }) => ({
      ...{ entry: messages.allowEntry(entry), inKernel, onTrial },
    })),
    guards: [...guards],
    model: why.model,
    modelReason:
      modelReason === undefined
        ? null
        : {
            flow: messages.flow(modelReason.flow),
            score: modelReason.score,
            weights: [...modelReason.weights],
          },
    modelProblem: why.modelProblem,
    history: history.rows.map(messages.decisionSummary),
    historyTotal: history.total,
    alerts: alerts.rows.map((row) => ({ ...messages.alert(row), flows: [] })),
    alertsTotal: alerts.total,
    mode: MODES[why.mode],
    decisionsInside: why.decisionsInside,
    lists: why.lists.map(({ isOnTrial: onTrial, ...holding }) => ({ ...holdingMessage(holding), onTrial })),
  }
}

/** A word that this idsd does not know is unspecified. */
function kernelMatchMessage(found: KernelMatch): KernelMatchMessage {
  const { decision, action, origin, limit, limitCounts, sparesFlows, ...match } = found
  return {
    ...match,
    limit: limitMessage(limit, limitCounts),
    sparesFlows: sparesFlows === true,
    action: action === undefined ? 'ACTION_UNSPECIFIED' : ACTIONS[action],
    origin: origin === undefined ? 'ORIGIN_UNSPECIFIED' : ORIGINS[origin],
    decisionId: decisionId(decision),
  }
}
