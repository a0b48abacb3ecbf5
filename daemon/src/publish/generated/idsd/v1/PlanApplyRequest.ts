// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface PlanApplyRequest {
  'text'?: (string);
  'name'?: (string);
  'previous'?: (boolean);
  'clear'?: (boolean);
  'sinceMs'?: (number | string | Long);
  'callerPeer'?: (string);
}

export interface PlanApplyRequest__Output {
  'text': (string);
  'name': (string);
  'previous': (boolean);
  'clear': (boolean);
  'sinceMs': (number);
  'callerPeer': (string);
}
