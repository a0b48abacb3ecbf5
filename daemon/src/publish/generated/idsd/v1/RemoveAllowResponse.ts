// Original file: proto/idsd/v1/idsd.proto

import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from '../../idsd/v1/AllowEntry.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';

export interface RemoveAllowResponse {
  'entry'?: (_idsd_v1_AllowEntry | null);
  'dryRun'?: (boolean);
  'trial'?: (_idsd_v1_Trial | null);
}

export interface RemoveAllowResponse__Output {
  'entry': (_idsd_v1_AllowEntry__Output | null);
  'dryRun': (boolean);
  'trial': (_idsd_v1_Trial__Output | null);
}
