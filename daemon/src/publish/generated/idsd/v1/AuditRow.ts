// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface AuditRow {
  'atMs'?: (number | string | Long);
  'action'?: (string);
  'target'?: (string);
  'caller'?: (string);
  'outcome'?: (string);
  'detail'?: (string);
  'decisionIds'?: (string)[];
  'reason'?: (string);
  'before'?: (string);
  'after'?: (string);
}

export interface AuditRow__Output {
  'atMs': (number);
  'action': (string);
  'target': (string);
  'caller': (string);
  'outcome': (string);
  'detail': (string);
  'decisionIds': (string)[];
  'reason': (string);
  'before': (string);
  'after': (string);
}
