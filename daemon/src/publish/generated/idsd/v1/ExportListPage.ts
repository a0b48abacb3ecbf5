// Original file: proto/idsd/v1/idsd.proto

import type { ImportedList as _idsd_v1_ImportedList, ImportedList__Output as _idsd_v1_ImportedList__Output } from '../../idsd/v1/ImportedList.js';

export interface ExportListPage {
  'list'?: (_idsd_v1_ImportedList | null);
  'entries4'?: (Buffer | Uint8Array | string);
  'entries6'?: (Buffer | Uint8Array | string);
}

export interface ExportListPage__Output {
  'list': (_idsd_v1_ImportedList__Output | null);
  'entries4': (Buffer);
  'entries6': (Buffer);
}
