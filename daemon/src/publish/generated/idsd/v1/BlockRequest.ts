// Original file: proto/idsd/v1/idsd.proto

import type { Action as _idsd_v1_Action, Action__Output as _idsd_v1_Action__Output } from '../../idsd/v1/Action.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from '../../idsd/v1/Limit.js';
import type { Long } from '@grpc/proto-loader';

export interface BlockRequest {
  'target'?: (string);
  'ttlMs'?: (number | string | Long);
  'reason'?: (string);
  'action'?: (_idsd_v1_Action);
  'force'?: (boolean);
  'dryRun'?: (boolean);
  'callerPeer'?: (string);
  'caller'?: (string);
  'confirmMs'?: (number | string | Long);
  'limit'?: (_idsd_v1_Limit | null);
  'sparesFlows'?: (boolean);
}

export interface BlockRequest__Output {
  'target': (string);
  'ttlMs': (number);
  'reason': (string);
  'action': (_idsd_v1_Action__Output);
  'force': (boolean);
  'dryRun': (boolean);
  'callerPeer': (string);
  'caller': (string);
  'confirmMs': (number);
  'limit': (_idsd_v1_Limit__Output | null);
  'sparesFlows': (boolean);
}
