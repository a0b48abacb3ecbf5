// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface AllowEntry {
  'target'?: (string);
  'reason'?: (string);
  'createdAtMs'?: (number | string | Long);
  'createdBy'?: (string);
  'source'?: (string);
  'expiresAtMs'?: (number | string | Long);
  'logOnly'?: (boolean);
}

export interface AllowEntry__Output {
  'target': (string);
  'reason': (string);
  'createdAtMs': (number);
  'createdBy': (string);
  'source': (string);
  'expiresAtMs': (number);
  'logOnly': (boolean);
}
