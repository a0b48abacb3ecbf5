// Original file: proto/idsd/v1/idsd.proto

import type { FlowRecord as _idsd_v1_FlowRecord, FlowRecord__Output as _idsd_v1_FlowRecord__Output } from '../../idsd/v1/FlowRecord.js';
import type { Long } from '@grpc/proto-loader';

export interface Evidence {
  'detector'?: (string);
  'text'?: (string);
  'points'?: (number | string);
  'atMs'?: (number | string | Long);
  'flows'?: (_idsd_v1_FlowRecord)[];
  'technique'?: (string);
  'severity'?: (string);
  'isProven'?: (boolean);
}

export interface Evidence__Output {
  'detector': (string);
  'text': (string);
  'points': (number);
  'atMs': (number);
  'flows': (_idsd_v1_FlowRecord__Output)[];
  'technique': (string);
  'severity': (string);
  'isProven': (boolean);
}
