// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface PlanBlockRequest {
  'targets'?: (string)[];
  'sinceMs'?: (number | string | Long);
  'callerPeer'?: (string);
}

export interface PlanBlockRequest__Output {
  'targets': (string)[];
  'sinceMs': (number);
  'callerPeer': (string);
}
