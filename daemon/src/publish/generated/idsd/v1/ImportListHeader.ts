// Original file: proto/idsd/v1/idsd.proto

import type { Action as _idsd_v1_Action, Action__Output as _idsd_v1_Action__Output } from '../../idsd/v1/Action.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from '../../idsd/v1/Limit.js';
import type { Long } from '@grpc/proto-loader';

export interface ImportListHeader {
  'name'?: (string);
  'action'?: (_idsd_v1_Action);
  'ttlMs'?: (number | string | Long);
  'source'?: (string);
  'reason'?: (string);
  'force'?: (boolean);
  'dryRun'?: (boolean);
  'callerPeer'?: (string);
  'caller'?: (string);
  'sinceMs'?: (number | string | Long);
  'entries'?: (number | string | Long);
  'confirmMs'?: (number | string | Long);
  'limit'?: (_idsd_v1_Limit | null);
}

export interface ImportListHeader__Output {
  'name': (string);
  'action': (_idsd_v1_Action__Output);
  'ttlMs': (number);
  'source': (string);
  'reason': (string);
  'force': (boolean);
  'dryRun': (boolean);
  'callerPeer': (string);
  'caller': (string);
  'sinceMs': (number);
  'entries': (number);
  'confirmMs': (number);
  'limit': (_idsd_v1_Limit__Output | null);
}
