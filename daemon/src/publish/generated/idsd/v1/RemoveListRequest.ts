// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface RemoveListRequest {
  'name'?: (string);
  'reason'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
  'confirmMs'?: (number | string | Long);
}

export interface RemoveListRequest__Output {
  'name': (string);
  'reason': (string);
  'dryRun': (boolean);
  'caller': (string);
  'confirmMs': (number);
}
