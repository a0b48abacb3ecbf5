// Original file: proto/idsd/v1/idsd.proto

import type { FlowRecord as _idsd_v1_FlowRecord, FlowRecord__Output as _idsd_v1_FlowRecord__Output } from '../../idsd/v1/FlowRecord.js';
import type { Long } from '@grpc/proto-loader';

export interface ListFlowsResponse {
  'flows'?: (_idsd_v1_FlowRecord)[];
  'total'?: (number | string | Long);
  'partial'?: (boolean);
}

export interface ListFlowsResponse__Output {
  'flows': (_idsd_v1_FlowRecord__Output)[];
  'total': (number);
  'partial': (boolean);
}
