// Original file: proto/idsd/v1/idsd.proto

import type { Status as _idsd_v1_Status, Status__Output as _idsd_v1_Status__Output } from '../../idsd/v1/Status.js';
import type { TopSource as _idsd_v1_TopSource, TopSource__Output as _idsd_v1_TopSource__Output } from '../../idsd/v1/TopSource.js';
import type { Suspect as _idsd_v1_Suspect, Suspect__Output as _idsd_v1_Suspect__Output } from '../../idsd/v1/Suspect.js';
import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';
import type { Long } from '@grpc/proto-loader';

export interface Top {
  'atMs'?: (number | string | Long);
  'status'?: (_idsd_v1_Status | null);
  'windowMs'?: (number | string | Long);
  'sources'?: (_idsd_v1_TopSource)[];
  'suspects'?: (_idsd_v1_Suspect)[];
  'decisions'?: (_idsd_v1_Decision)[];
}

export interface Top__Output {
  'atMs': (number);
  'status': (_idsd_v1_Status__Output | null);
  'windowMs': (number);
  'sources': (_idsd_v1_TopSource__Output)[];
  'suspects': (_idsd_v1_Suspect__Output)[];
  'decisions': (_idsd_v1_Decision__Output)[];
}
