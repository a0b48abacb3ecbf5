// Original file: proto/idsd/v1/idsd.proto

import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';
import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from '../../idsd/v1/AllowEntry.js';

export interface PlannedDecision {
  'decision'?: (_idsd_v1_Decision | null);
  'atOnce'?: (boolean);
  'live'?: (boolean);
  'allowedBy'?: (_idsd_v1_AllowEntry | null);
}

export interface PlannedDecision__Output {
  'decision': (_idsd_v1_Decision__Output | null);
  'atOnce': (boolean);
  'live': (boolean);
  'allowedBy': (_idsd_v1_AllowEntry__Output | null);
}
