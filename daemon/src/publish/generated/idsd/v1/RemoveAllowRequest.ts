// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface RemoveAllowRequest {
  'target'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
  'reason'?: (string);
  'confirmMs'?: (number | string | Long);
}

export interface RemoveAllowRequest__Output {
  'target': (string);
  'dryRun': (boolean);
  'caller': (string);
  'reason': (string);
  'confirmMs': (number);
}
