// Original file: proto/idsd/v1/idsd.proto

import type { FlowRecord as _idsd_v1_FlowRecord, FlowRecord__Output as _idsd_v1_FlowRecord__Output } from '../../idsd/v1/FlowRecord.js';
import type { Long } from '@grpc/proto-loader';

export interface FlowEvent {
  'flow'?: (_idsd_v1_FlowRecord | null);
  'lost'?: (number | string | Long);
}

export interface FlowEvent__Output {
  'flow': (_idsd_v1_FlowRecord__Output | null);
  'lost': (number);
}
