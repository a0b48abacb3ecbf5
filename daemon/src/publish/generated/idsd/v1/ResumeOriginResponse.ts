// Original file: proto/idsd/v1/idsd.proto

import type { Breaker as _idsd_v1_Breaker, Breaker__Output as _idsd_v1_Breaker__Output } from '../../idsd/v1/Breaker.js';

export interface ResumeOriginResponse {
  'tripped'?: (_idsd_v1_Breaker | null);
  'dryRun'?: (boolean);
}

export interface ResumeOriginResponse__Output {
  'tripped': (_idsd_v1_Breaker__Output | null);
  'dryRun': (boolean);
}
