// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface Trial {
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'leftMs'?: (number | string | Long);
  'by'?: (string);
  'what'?: (string);
  'reason'?: (string);
}

export interface Trial__Output {
  'sinceMs': (number);
  'untilMs': (number);
  'leftMs': (number);
  'by': (string);
  'what': (string);
  'reason': (string);
}
