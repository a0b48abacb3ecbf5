// Original file: proto/idsd/v1/idsd.proto

import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';

export interface UnblockResponse {
  'lifted'?: (_idsd_v1_Decision)[];
  'dryRun'?: (boolean);
}

export interface UnblockResponse__Output {
  'lifted': (_idsd_v1_Decision__Output)[];
  'dryRun': (boolean);
}
