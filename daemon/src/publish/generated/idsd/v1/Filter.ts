// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface Filter {
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'ip'?: (string);
  'port'?: (number);
  'last'?: (number);
  'minScore'?: (number | string);
  'anomalous'?: (boolean);
  'detector'?: (string);
  'severity'?: (string);
}

export interface Filter__Output {
  'sinceMs': (number);
  'untilMs': (number);
  'ip': (string);
  'port': (number);
  'last': (number);
  'minScore': (number);
  'anomalous': (boolean);
  'detector': (string);
  'severity': (string);
}
