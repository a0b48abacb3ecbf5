// Original file: proto/idsd/v1/idsd.proto

import type { Action as _idsd_v1_Action, Action__Output as _idsd_v1_Action__Output } from '../../idsd/v1/Action.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from '../../idsd/v1/Limit.js';
import type { Long } from '@grpc/proto-loader';

export interface ImportedList {
  'name'?: (string);
  'entries'?: (number | string | Long);
  'action'?: (_idsd_v1_Action);
  'source'?: (string);
  'reason'?: (string);
  'createdAtMs'?: (number | string | Long);
  'createdBy'?: (string);
  'expiresAtMs'?: (number | string | Long);
  'packets'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  'droppedPackets'?: (number | string | Long);
  'lastSeenMs'?: (number | string | Long);
  'loaded'?: (boolean);
  'limit'?: (_idsd_v1_Limit | null);
}

export interface ImportedList__Output {
  'name': (string);
  'entries': (number);
  'action': (_idsd_v1_Action__Output);
  'source': (string);
  'reason': (string);
  'createdAtMs': (number);
  'createdBy': (string);
  'expiresAtMs': (number);
  'packets': (number);
  'bytes': (number);
  'droppedPackets': (number);
  'lastSeenMs': (number);
  'loaded': (boolean);
  'limit': (_idsd_v1_Limit__Output | null);
}
