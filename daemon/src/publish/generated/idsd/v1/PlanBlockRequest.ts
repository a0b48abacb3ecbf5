// Original file: proto/idsd/v1/idsd.proto

import type { Action as _idsd_v1_Action, Action__Output as _idsd_v1_Action__Output } from '../../idsd/v1/Action.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from '../../idsd/v1/Limit.js';
import type { Long } from '@grpc/proto-loader';

export interface PlanBlockRequest {
  'targets'?: (string)[];
  'sinceMs'?: (number | string | Long);
  'callerPeer'?: (string);
  'action'?: (_idsd_v1_Action);
  'limit'?: (_idsd_v1_Limit | null);
  'sparesFlows'?: (boolean);
}

export interface PlanBlockRequest__Output {
  'targets': (string)[];
  'sinceMs': (number);
  'callerPeer': (string);
  'action': (_idsd_v1_Action__Output);
  'limit': (_idsd_v1_Limit__Output | null);
  'sparesFlows': (boolean);
}
