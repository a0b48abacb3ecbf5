// Original file: proto/idsd/v1/idsd.proto

import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from '../../idsd/v1/AllowEntry.js';
import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';

export interface AddAllowResponse {
  'entry'?: (_idsd_v1_AllowEntry | null);
  'overrides'?: (_idsd_v1_Decision)[];
  'dryRun'?: (boolean);
  'lifted'?: (_idsd_v1_Decision)[];
  'trial'?: (_idsd_v1_Trial | null);
  'overridden'?: (string)[];
}

export interface AddAllowResponse__Output {
  'entry': (_idsd_v1_AllowEntry__Output | null);
  'overrides': (_idsd_v1_Decision__Output)[];
  'dryRun': (boolean);
  'lifted': (_idsd_v1_Decision__Output)[];
  'trial': (_idsd_v1_Trial__Output | null);
  'overridden': (string)[];
}
