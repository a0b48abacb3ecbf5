/** Plans to messages of the proto contract. */

import type { ApplyChange } from '../control/apply-order.js'
import type { BlocksCheck } from '../control/commands.js'
import type {
  BlockPlan,
  ModePlan,
  PlannedAction,
  PlannedAddress,
  PlannedList,
  SettingsPlan,
} from '../plan/plan.js'
import { ACTIONS, MODES } from './enum-words.js'
import type { ApplyChange as ApplyChangeMessage } from './generated/idsd/v1/ApplyChange.js'
import type { ApplyPlan as ApplyPlanMessage } from './generated/idsd/v1/ApplyPlan.js'
import type { BlockPlan as BlockPlanMessage } from './generated/idsd/v1/BlockPlan.js'
import type { ModePlan as ModePlanMessage } from './generated/idsd/v1/ModePlan.js'
import type { PlannedAddress as PlannedAddressMessage } from './generated/idsd/v1/PlannedAddress.js'
import type { PlannedList as PlannedListMessage } from './generated/idsd/v1/PlannedList.js'
import { limitMessage, type Messages } from './messages.js'

/** @param does what was planned of all targets */
export function blockPlanMessage(
  { recorded, hit, addresses, allowed, isAtMost, ...plan }: BlockPlan,
  does: PlannedAction,
  refused: BlocksCheck['refused'],
  messages: Pick<Messages, 'allowEntry'>,
): BlockPlanMessage {
  return {
    sinceMs: plan.sinceMs,
    untilMs: plan.untilMs,
    addressesTotal: plan.addressesTotal,
    liveTotal: plan.liveTotal,
    action: ACTIONS[does.action],
    limit: limitMessage(does.limit, undefined),
    sparesFlows: does.sparesFlows === true,
    bound: boundOf(isAtMost),
    recorded: { ...recorded },
    hit: { ...hit },
    addresses: addresses.map(addressMessage),
    allowed: allowed.map(({ target, entry, spared }) => ({
      target,
      entry: messages.allowEntry(entry),
      spared: { ...spared },
    })),
    refused: refused.map(({ target, guards }) => ({ target, guards: [...guards] })),
  }
}

export function applyChangeMessage(
  { settings, allowAdded, allowRemoved, overrides, guards }: ApplyChange,
  messages: Pick<Messages, 'allowEntry' | 'decisionSummary'>,
): ApplyChangeMessage {
  return {
    settings: [...settings],
    allowAdded: allowAdded.map(messages.allowEntry),
    allowRemoved: allowRemoved.map(messages.allowEntry),
    overrides: overrides.map(messages.decisionSummary),
    guards: [...guards],
  }
}

/** @param refused sources that a guard or an allow entry keeps from a block */
export function applyPlanMessage(
  plan: SettingsPlan,
  change: ApplyChange,
  refused: BlocksCheck['refused'],
  messages: Pick<Messages, 'allowEntry' | 'decisionSummary'>,
): ApplyPlanMessage {
  const { hit } = plan
  return {
    change: applyChangeMessage(change, messages),
    sinceMs: plan.sinceMs,
    untilMs: plan.untilMs,
    more: plan.more.map((one) => ({ ...one })),
    fewer: plan.fewer.map((one) => ({ ...one })),
    hit: blockPlanMessage(hit, { action: 'drop' }, refused, messages),
    partial: plan.isPartial,
    freed: hit.freed.map(addressMessage),
    freedTotal: hit.freedTotal,
    freedTraffic: { ...hit.freedTraffic },
    lists: plan.lists.map(plannedListMessage),
    mode: MODES[plan.mode],
  }
}

function plannedListMessage({ isLeft, action, limit, ...list }: PlannedList): PlannedListMessage {
  return { ...list, left: isLeft, action: ACTIONS[action], limit: limitMessage(limit, undefined) }
}

function addressMessage({ isLive, traffic, ...row }: PlannedAddress): PlannedAddressMessage {
  return { ...row, live: isLive, traffic: { ...traffic } }
}

function boundOf(isAtMost: boolean) {
  return isAtMost ? ('PLAN_BOUND_AT_MOST' as const) : ('PLAN_BOUND_EXACT' as const)
}

export function modePlanMessage(
  { before, mode, decisions, isPartial, isAtMost, tripped, ...plan }: ModePlan,
  messages: Pick<Messages, 'allowEntry' | 'decisionSummary'>,
): ModePlanMessage {
  return {
    ...plan,
    before: MODES[before],
    mode: MODES[mode],
    partial: isPartial,
    bound: boundOf(isAtMost),
    tripped: [...tripped],
    decisions: decisions.map(({ decision, isAtOnce, isLive, allowedBy }) => ({
      decision: messages.decisionSummary(decision),
      atOnce: isAtOnce,
      live: isLive,
      allowedBy: allowedBy === undefined ? null : messages.allowEntry(allowedBy),
    })),
  }
}
