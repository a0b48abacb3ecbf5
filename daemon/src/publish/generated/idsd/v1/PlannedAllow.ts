// Original file: proto/idsd/v1/idsd.proto

import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from '../../idsd/v1/AllowEntry.js';
import type { PlannedTraffic as _idsd_v1_PlannedTraffic, PlannedTraffic__Output as _idsd_v1_PlannedTraffic__Output } from '../../idsd/v1/PlannedTraffic.js';

export interface PlannedAllow {
  'target'?: (string);
  'entry'?: (_idsd_v1_AllowEntry | null);
  'spared'?: (_idsd_v1_PlannedTraffic | null);
}

export interface PlannedAllow__Output {
  'target': (string);
  'entry': (_idsd_v1_AllowEntry__Output | null);
  'spared': (_idsd_v1_PlannedTraffic__Output | null);
}
