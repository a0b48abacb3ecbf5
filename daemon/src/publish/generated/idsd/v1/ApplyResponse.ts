// Original file: proto/idsd/v1/idsd.proto

import type { ApplyChange as _idsd_v1_ApplyChange, ApplyChange__Output as _idsd_v1_ApplyChange__Output } from '../../idsd/v1/ApplyChange.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';

export interface ApplyResponse {
  'change'?: (_idsd_v1_ApplyChange | null);
  'dryRun'?: (boolean);
  'trial'?: (_idsd_v1_Trial | null);
  'hadApplied'?: (boolean);
}

export interface ApplyResponse__Output {
  'change': (_idsd_v1_ApplyChange__Output | null);
  'dryRun': (boolean);
  'trial': (_idsd_v1_Trial__Output | null);
  'hadApplied': (boolean);
}
