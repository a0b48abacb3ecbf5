/** Enums of the contract, by the words of the rooms. */

import type { Action, DecisionKind, DecisionState, Mode, Origin } from '../enforce/decision.js'
import type { Action as ActionMessage } from './generated/idsd/v1/Action.js'
import type { _idsd_v1_DecisionEvent_Kind as KindMessage } from './generated/idsd/v1/DecisionEvent.js'
import type { DecisionKind as DecisionKindMessage } from './generated/idsd/v1/DecisionKind.js'
import type { DecisionState as DecisionStateMessage } from './generated/idsd/v1/DecisionState.js'
import type { Mode as ModeMessage } from './generated/idsd/v1/Mode.js'
import type { Origin as OriginMessage } from './generated/idsd/v1/Origin.js'

export type DecisionChangeKind = 'added' | 'lifted' | 'expired' | 'repaired' | 'displaced'

export const MODES: Record<Mode, ModeMessage> = { prevent: 'MODE_PREVENT', detect: 'MODE_DETECT' }
export const ACTIONS: Record<Action, ActionMessage> = {
  drop: 'ACTION_DROP',
  count: 'ACTION_COUNT',
  limit: 'ACTION_LIMIT',
  synDrop: 'ACTION_SYN_DROP',
  reject: 'ACTION_REJECT',
}
export const ORIGINS: Record<Origin, OriginMessage> = {
  operator: 'ORIGIN_OPERATOR',
  detector: 'ORIGIN_DETECTOR',
  model: 'ORIGIN_MODEL',
  list: 'ORIGIN_LIST',
}
export const DECISION_KINDS: Record<DecisionKind, DecisionKindMessage> = {
  block: 'DECISION_KIND_BLOCK',
  would_block: 'DECISION_KIND_WOULD_BLOCK',
  spoofable: 'DECISION_KIND_SPOOFABLE',
}
export const STATES: Record<DecisionState, DecisionStateMessage> = {
  active: 'DECISION_STATE_ACTIVE',
  expired: 'DECISION_STATE_EXPIRED',
  lifted: 'DECISION_STATE_LIFTED',
  displaced: 'DECISION_STATE_DISPLACED',
}

/** `kind` of a DecisionEvent. */
export const KINDS: Record<DecisionChangeKind, KindMessage> = {
  added: 'KIND_ADDED',
  lifted: 'KIND_LIFTED',
  expired: 'KIND_EXPIRED',
  repaired: 'KIND_REPAIRED',
  displaced: 'KIND_DISPLACED',
}
