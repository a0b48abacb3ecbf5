// Original file: proto/idsd/v1/idsd.proto

import type { ImportedList as _idsd_v1_ImportedList, ImportedList__Output as _idsd_v1_ImportedList__Output } from '../../idsd/v1/ImportedList.js';

export interface ListListsResponse {
  'lists'?: (_idsd_v1_ImportedList)[];
}

export interface ListListsResponse__Output {
  'lists': (_idsd_v1_ImportedList__Output)[];
}
