// Original file: proto/idsd/v1/idsd.proto

import type { ImportedList as _idsd_v1_ImportedList, ImportedList__Output as _idsd_v1_ImportedList__Output } from '../../idsd/v1/ImportedList.js';

export interface ListHolding {
  'list'?: (_idsd_v1_ImportedList | null);
  'entry'?: (string);
  'onTrial'?: (boolean);
}

export interface ListHolding__Output {
  'list': (_idsd_v1_ImportedList__Output | null);
  'entry': (string);
  'onTrial': (boolean);
}
