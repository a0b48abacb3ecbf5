// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface Panic {
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'by'?: (string);
  'reason'?: (string);
}

export interface Panic__Output {
  'sinceMs': (number);
  'untilMs': (number);
  'by': (string);
  'reason': (string);
}
