// Original file: proto/idsd/v1/idsd.proto

import type { Action as _idsd_v1_Action, Action__Output as _idsd_v1_Action__Output } from '../../idsd/v1/Action.js';
import type { Origin as _idsd_v1_Origin, Origin__Output as _idsd_v1_Origin__Output } from '../../idsd/v1/Origin.js';
import type { DecisionState as _idsd_v1_DecisionState, DecisionState__Output as _idsd_v1_DecisionState__Output } from '../../idsd/v1/DecisionState.js';
import type { Evidence as _idsd_v1_Evidence, Evidence__Output as _idsd_v1_Evidence__Output } from '../../idsd/v1/Evidence.js';
import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { DecisionKind as _idsd_v1_DecisionKind, DecisionKind__Output as _idsd_v1_DecisionKind__Output } from '../../idsd/v1/DecisionKind.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from '../../idsd/v1/Limit.js';
import type { Long } from '@grpc/proto-loader';

export interface Decision {
  'id'?: (string);
  'target'?: (string);
  'action'?: (_idsd_v1_Action);
  'origin'?: (_idsd_v1_Origin);
  'reason'?: (string);
  'createdAtMs'?: (number | string | Long);
  'expiresAtMs'?: (number | string | Long);
  'state'?: (_idsd_v1_DecisionState);
  'endedAtMs'?: (number | string | Long);
  'createdBy'?: (string);
  'packets'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  'lastSeenMs'?: (number | string | Long);
  'evidence'?: (_idsd_v1_Evidence)[];
  'mode'?: (_idsd_v1_Mode);
  'inKernel'?: (boolean);
  'kind'?: (_idsd_v1_DecisionKind);
  'lapsed'?: (boolean);
  'limit'?: (_idsd_v1_Limit | null);
  'sparesFlows'?: (boolean);
  'trial'?: (string);
}

export interface Decision__Output {
  'id': (string);
  'target': (string);
  'action': (_idsd_v1_Action__Output);
  'origin': (_idsd_v1_Origin__Output);
  'reason': (string);
  'createdAtMs': (number);
  'expiresAtMs': (number);
  'state': (_idsd_v1_DecisionState__Output);
  'endedAtMs': (number);
  'createdBy': (string);
  'packets': (number);
  'bytes': (number);
  'lastSeenMs': (number);
  'evidence': (_idsd_v1_Evidence__Output)[];
  'mode': (_idsd_v1_Mode__Output);
  'inKernel': (boolean);
  'kind': (_idsd_v1_DecisionKind__Output);
  'lapsed': (boolean);
  'limit': (_idsd_v1_Limit__Output | null);
  'sparesFlows': (boolean);
  'trial': (string);
}
