// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface ScheduledImport {
  'name'?: (string);
  'source'?: (string);
  'everyS'?: (number | string | Long);
  'dueAtMs'?: (number | string | Long);
  'running'?: (boolean);
  'failedTimes'?: (number | string | Long);
  'failedSinceMs'?: (number | string | Long);
  'problem'?: (string);
}

export interface ScheduledImport__Output {
  'name': (string);
  'source': (string);
  'everyS': (number);
  'dueAtMs': (number);
  'running': (boolean);
  'failedTimes': (number);
  'failedSinceMs': (number);
  'problem': (string);
}
