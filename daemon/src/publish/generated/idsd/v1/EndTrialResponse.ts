// Original file: proto/idsd/v1/idsd.proto

import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';

export interface EndTrialResponse {
  'trial'?: (_idsd_v1_Trial | null);
  'dryRun'?: (boolean);
}

export interface EndTrialResponse__Output {
  'trial': (_idsd_v1_Trial__Output | null);
  'dryRun': (boolean);
}
