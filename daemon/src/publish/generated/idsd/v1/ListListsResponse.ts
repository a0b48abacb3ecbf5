// Original file: proto/idsd/v1/idsd.proto

import type { ImportedList as _idsd_v1_ImportedList, ImportedList__Output as _idsd_v1_ImportedList__Output } from '../../idsd/v1/ImportedList.js';
import type { ScheduledImport as _idsd_v1_ScheduledImport, ScheduledImport__Output as _idsd_v1_ScheduledImport__Output } from '../../idsd/v1/ScheduledImport.js';

export interface ListListsResponse {
  'lists'?: (_idsd_v1_ImportedList)[];
  'scheduled'?: (_idsd_v1_ScheduledImport)[];
}

export interface ListListsResponse__Output {
  'lists': (_idsd_v1_ImportedList__Output)[];
  'scheduled': (_idsd_v1_ScheduledImport__Output)[];
}
