// Original file: proto/idsd/v1/idsd.proto

import type { Action as _idsd_v1_Action, Action__Output as _idsd_v1_Action__Output } from '../../idsd/v1/Action.js';
import type { Origin as _idsd_v1_Origin, Origin__Output as _idsd_v1_Origin__Output } from '../../idsd/v1/Origin.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from '../../idsd/v1/Limit.js';
import type { Long } from '@grpc/proto-loader';

export interface KernelMatch {
  'target'?: (string);
  'isExact'?: (boolean);
  'action'?: (_idsd_v1_Action);
  'origin'?: (_idsd_v1_Origin);
  'reason'?: (string);
  'decisionId'?: (string);
  'state'?: (string);
  'isDeciding'?: (boolean);
  'packets'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  'lastSeenMs'?: (number | string | Long);
  'expiresAtMs'?: (number | string | Long);
  'limit'?: (_idsd_v1_Limit | null);
  'sparesFlows'?: (boolean);
}

export interface KernelMatch__Output {
  'target': (string);
  'isExact': (boolean);
  'action': (_idsd_v1_Action__Output);
  'origin': (_idsd_v1_Origin__Output);
  'reason': (string);
  'decisionId': (string);
  'state': (string);
  'isDeciding': (boolean);
  'packets': (number);
  'bytes': (number);
  'lastSeenMs': (number);
  'expiresAtMs': (number);
  'limit': (_idsd_v1_Limit__Output | null);
  'sparesFlows': (boolean);
}
