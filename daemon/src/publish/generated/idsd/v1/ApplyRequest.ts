// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface ApplyRequest {
  'text'?: (string);
  'name'?: (string);
  'previous'?: (boolean);
  'clear'?: (boolean);
  'confirmMs'?: (number | string | Long);
  'force'?: (boolean);
  'reason'?: (string);
  'dryRun'?: (boolean);
  'callerPeer'?: (string);
  'caller'?: (string);
}

export interface ApplyRequest__Output {
  'text': (string);
  'name': (string);
  'previous': (boolean);
  'clear': (boolean);
  'confirmMs': (number);
  'force': (boolean);
  'reason': (string);
  'dryRun': (boolean);
  'callerPeer': (string);
  'caller': (string);
}
