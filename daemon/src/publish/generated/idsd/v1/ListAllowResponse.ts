// Original file: proto/idsd/v1/idsd.proto

import type { AllowEntry as _idsd_v1_AllowEntry, AllowEntry__Output as _idsd_v1_AllowEntry__Output } from '../../idsd/v1/AllowEntry.js';

export interface ListAllowResponse {
  'entries'?: (_idsd_v1_AllowEntry)[];
}

export interface ListAllowResponse__Output {
  'entries': (_idsd_v1_AllowEntry__Output)[];
}
