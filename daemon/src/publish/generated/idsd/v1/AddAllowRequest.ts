// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface AddAllowRequest {
  'target'?: (string);
  'reason'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
  'ttlMs'?: (number | string | Long);
  'logOnly'?: (boolean);
  'confirmMs'?: (number | string | Long);
  'force'?: (boolean);
}

export interface AddAllowRequest__Output {
  'target': (string);
  'reason': (string);
  'dryRun': (boolean);
  'caller': (string);
  'ttlMs': (number);
  'logOnly': (boolean);
  'confirmMs': (number);
  'force': (boolean);
}
