// Original file: proto/idsd/v1/idsd.proto

import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';
import type { Long } from '@grpc/proto-loader';

export interface ListDecisionsResponse {
  'decisions'?: (_idsd_v1_Decision)[];
  'total'?: (number | string | Long);
}

export interface ListDecisionsResponse__Output {
  'decisions': (_idsd_v1_Decision__Output)[];
  'total': (number);
}
