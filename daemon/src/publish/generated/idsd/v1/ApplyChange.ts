// Original file: proto/idsd/v1/idsd.proto

import type { SettingChange as _idsd_v1_SettingChange, SettingChange__Output as _idsd_v1_SettingChange__Output } from '../../idsd/v1/SettingChange.js';
import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from '../../idsd/v1/AllowEntry.js';
import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';

export interface ApplyChange {
  'settings'?: (_idsd_v1_SettingChange)[];
  'allowAdded'?: (_idsd_v1_AllowEntry)[];
  'allowRemoved'?: (_idsd_v1_AllowEntry)[];
  'overrides'?: (_idsd_v1_Decision)[];
  'guards'?: (string)[];
}

export interface ApplyChange__Output {
  'settings': (_idsd_v1_SettingChange__Output)[];
  'allowAdded': (_idsd_v1_AllowEntry__Output)[];
  'allowRemoved': (_idsd_v1_AllowEntry__Output)[];
  'overrides': (_idsd_v1_Decision__Output)[];
  'guards': (string)[];
}
