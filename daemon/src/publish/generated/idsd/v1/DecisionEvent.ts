// Original file: proto/idsd/v1/idsd.proto

import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';
import type { Long } from '@grpc/proto-loader';

// Original file: proto/idsd/v1/idsd.proto

export const _idsd_v1_DecisionEvent_Kind = {
  KIND_UNSPECIFIED: 'KIND_UNSPECIFIED',
  KIND_ADDED: 'KIND_ADDED',
  KIND_LIFTED: 'KIND_LIFTED',
  KIND_EXPIRED: 'KIND_EXPIRED',
  KIND_REPAIRED: 'KIND_REPAIRED',
  KIND_DISPLACED: 'KIND_DISPLACED',
} as const;

export type _idsd_v1_DecisionEvent_Kind =
  | 'KIND_UNSPECIFIED'
  | 0
  | 'KIND_ADDED'
  | 1
  | 'KIND_LIFTED'
  | 2
  | 'KIND_EXPIRED'
  | 3
  | 'KIND_REPAIRED'
  | 4
  | 'KIND_DISPLACED'
  | 5

export type _idsd_v1_DecisionEvent_Kind__Output = typeof _idsd_v1_DecisionEvent_Kind[keyof typeof _idsd_v1_DecisionEvent_Kind]

export interface DecisionEvent {
  'kind'?: (_idsd_v1_DecisionEvent_Kind);
  'decision'?: (_idsd_v1_Decision | null);
  'lost'?: (number | string | Long);
  'atMs'?: (number | string | Long);
}

export interface DecisionEvent__Output {
  'kind': (_idsd_v1_DecisionEvent_Kind__Output);
  'decision': (_idsd_v1_Decision__Output | null);
  'lost': (number);
  'atMs': (number);
}
