// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface SetPanicRequest {
  'on'?: (boolean);
  'forMs'?: (number | string | Long);
  'reason'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
}

export interface SetPanicRequest__Output {
  'on': (boolean);
  'forMs': (number);
  'reason': (string);
  'dryRun': (boolean);
  'caller': (string);
}
