// Original file: proto/idsd/v1/idsd.proto

export const DecisionState = {
  DECISION_STATE_UNSPECIFIED: 'DECISION_STATE_UNSPECIFIED',
  DECISION_STATE_ACTIVE: 'DECISION_STATE_ACTIVE',
  DECISION_STATE_EXPIRED: 'DECISION_STATE_EXPIRED',
  DECISION_STATE_LIFTED: 'DECISION_STATE_LIFTED',
} as const;

export type DecisionState =
  | 'DECISION_STATE_UNSPECIFIED'
  | 0
  | 'DECISION_STATE_ACTIVE'
  | 1
  | 'DECISION_STATE_EXPIRED'
  | 2
  | 'DECISION_STATE_LIFTED'
  | 3

export type DecisionState__Output = typeof DecisionState[keyof typeof DecisionState]
