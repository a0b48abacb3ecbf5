// Original file: proto/idsd/v1/idsd.proto

import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';

export interface BlockResponse {
  'decision'?: (_idsd_v1_Decision | null);
  'dryRun'?: (boolean);
  'overridden'?: (string)[];
  'trial'?: (_idsd_v1_Trial | null);
}

export interface BlockResponse__Output {
  'decision': (_idsd_v1_Decision__Output | null);
  'dryRun': (boolean);
  'overridden': (string)[];
  'trial': (_idsd_v1_Trial__Output | null);
}
