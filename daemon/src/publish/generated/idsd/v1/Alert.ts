// Original file: proto/idsd/v1/idsd.proto

import type { FlowRecord as _idsd_v1_FlowRecord, FlowRecord__Output as _idsd_v1_FlowRecord__Output } from '../../idsd/v1/FlowRecord.js';
import type { Long } from '@grpc/proto-loader';

export interface Alert {
  'id'?: (string);
  'atMs'?: (number | string | Long);
  'source'?: (string);
  'detector'?: (string);
  'severity'?: (string);
  'text'?: (string);
  'points'?: (number | string);
  'decisionId'?: (string);
  'flows'?: (_idsd_v1_FlowRecord)[];
  'technique'?: (string);
  'about'?: (string);
  'isProven'?: (boolean);
}

export interface Alert__Output {
  'id': (string);
  'atMs': (number);
  'source': (string);
  'detector': (string);
  'severity': (string);
  'text': (string);
  'points': (number);
  'decisionId': (string);
  'flows': (_idsd_v1_FlowRecord__Output)[];
  'technique': (string);
  'about': (string);
  'isProven': (boolean);
}
