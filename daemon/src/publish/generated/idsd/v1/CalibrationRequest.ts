// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface CalibrationRequest {
  'forMs'?: (number | string | Long);
  'alerts'?: (number | string);
  'include'?: (string)[];
  'exclude'?: (string)[];
  'reason'?: (string);
  'force'?: (boolean);
  'dryRun'?: (boolean);
  'caller'?: (string);
}

export interface CalibrationRequest__Output {
  'forMs': (number);
  'alerts': (number);
  'include': (string)[];
  'exclude': (string)[];
  'reason': (string);
  'force': (boolean);
  'dryRun': (boolean);
  'caller': (string);
}
