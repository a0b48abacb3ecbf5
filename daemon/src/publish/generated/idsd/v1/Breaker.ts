// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface Breaker {
  'origin'?: (string);
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'why'?: (string);
}

export interface Breaker__Output {
  'origin': (string);
  'sinceMs': (number);
  'untilMs': (number);
  'why': (string);
}
