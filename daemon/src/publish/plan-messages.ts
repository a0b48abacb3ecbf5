/** Plans to messages of the proto contract. */

import type { ApplyChange } from '../control/apply-command.js'
import type { BlocksCheck } from '../control/commands.js'
import type { BlockPlan, ModePlan } from '../plan/plan.js'
import type { ApplyChange as ApplyChangeMessage } from './generated/idsd/v1/ApplyChange.js'
import type { BlockPlan as BlockPlanMessage } from './generated/idsd/v1/BlockPlan.js'
import type { ModePlan as ModePlanMessage } from './generated/idsd/v1/ModePlan.js'
import { type Messages, MODES } from './messages.js'

export function blockPlanMessage(
  { recorded, hit, addresses, allowed, ...plan }: BlockPlan,
  refused: BlocksCheck['refused'],
  messages: Pick<Messages, 'allowEntry'>,
): BlockPlanMessage {
  return {
    ...plan,
    recorded: { ...recorded },
    hit: { ...hit },
    addresses: addresses.map(({ isLive, traffic, ...row }) => ({
      ...row,
      live: isLive,
      traffic: { ...traffic },
    })),
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

export function modePlanMessage(
  { before, mode, decisions, isPartial, ...plan }: ModePlan,
  messages: Pick<Messages, 'allowEntry' | 'decisionSummary'>,
): ModePlanMessage {
  return {
    ...plan,
    before: MODES[before],
    mode: MODES[mode],
    partial: isPartial,
    decisions: decisions.map(({ decision, isAtOnce, isLive, allowedBy }) => ({
      decision: messages.decisionSummary(decision),
      atOnce: isAtOnce,
      live: isLive,
      allowedBy: allowedBy === undefined ? null : messages.allowEntry(allowedBy),
    })),
  }
}
