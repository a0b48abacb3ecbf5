// Original file: proto/idsd/v1/idsd.proto

export const DecisionKind = {
  DECISION_KIND_UNSPECIFIED: 'DECISION_KIND_UNSPECIFIED',
  DECISION_KIND_BLOCK: 'DECISION_KIND_BLOCK',
  DECISION_KIND_WOULD_BLOCK: 'DECISION_KIND_WOULD_BLOCK',
  DECISION_KIND_SPOOFABLE: 'DECISION_KIND_SPOOFABLE',
} as const;

export type DecisionKind =
  | 'DECISION_KIND_UNSPECIFIED'
  | 0
  | 'DECISION_KIND_BLOCK'
  | 1
  | 'DECISION_KIND_WOULD_BLOCK'
  | 2
  | 'DECISION_KIND_SPOOFABLE'
  | 3

export type DecisionKind__Output = typeof DecisionKind[keyof typeof DecisionKind]
