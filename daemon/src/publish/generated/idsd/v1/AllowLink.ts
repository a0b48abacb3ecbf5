// Original file: proto/idsd/v1/idsd.proto

import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from '../../idsd/v1/AllowEntry.js';

export interface AllowLink {
  'entry'?: (_idsd_v1_AllowEntry | null);
  'inKernel'?: (boolean);
  'onTrial'?: (boolean);
}

export interface AllowLink__Output {
  'entry': (_idsd_v1_AllowEntry__Output | null);
  'inKernel': (boolean);
  'onTrial': (boolean);
}
