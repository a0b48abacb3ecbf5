// Original file: proto/idsd/v1/idsd.proto

import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from '../../idsd/v1/AllowEntry.js';
import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';

export interface CheckAllowResponse {
  'allowed'?: (boolean);
  'entry'?: (_idsd_v1_AllowEntry | null);
  'guards'?: (string)[];
  'blocks'?: (_idsd_v1_Decision)[];
  'wider'?: (_idsd_v1_AllowEntry)[];
  'otherwise'?: (string);
}

export interface CheckAllowResponse__Output {
  'allowed': (boolean);
  'entry': (_idsd_v1_AllowEntry__Output | null);
  'guards': (string)[];
  'blocks': (_idsd_v1_Decision__Output)[];
  'wider': (_idsd_v1_AllowEntry__Output)[];
  'otherwise': (string);
}
