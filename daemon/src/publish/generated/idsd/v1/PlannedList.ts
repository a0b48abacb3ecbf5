// Original file: proto/idsd/v1/idsd.proto

import type { Action as _idsd_v1_Action, Action__Output as _idsd_v1_Action__Output } from '../../idsd/v1/Action.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from '../../idsd/v1/Limit.js';
import type { Long } from '@grpc/proto-loader';

export interface PlannedList {
  'name'?: (string);
  'left'?: (boolean);
  'action'?: (_idsd_v1_Action);
  'entries'?: (number | string | Long);
  'badLines'?: (number | string | Long);
  'refused'?: (number | string | Long);
  'problem'?: (string);
  'limit'?: (_idsd_v1_Limit | null);
}

export interface PlannedList__Output {
  'name': (string);
  'left': (boolean);
  'action': (_idsd_v1_Action__Output);
  'entries': (number);
  'badLines': (number);
  'refused': (number);
  'problem': (string);
  'limit': (_idsd_v1_Limit__Output | null);
}
