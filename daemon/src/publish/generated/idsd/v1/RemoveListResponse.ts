// Original file: proto/idsd/v1/idsd.proto

import type { ImportedList as _idsd_v1_ImportedList, ImportedList__Output as _idsd_v1_ImportedList__Output } from '../../idsd/v1/ImportedList.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';

export interface RemoveListResponse {
  'list'?: (_idsd_v1_ImportedList | null);
  'dryRun'?: (boolean);
  'trial'?: (_idsd_v1_Trial | null);
}

export interface RemoveListResponse__Output {
  'list': (_idsd_v1_ImportedList__Output | null);
  'dryRun': (boolean);
  'trial': (_idsd_v1_Trial__Output | null);
}
