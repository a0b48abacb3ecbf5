// Original file: proto/idsd/v1/idsd.proto

import type { ImportListHeader as _idsd_v1_ImportListHeader, ImportListHeader__Output as _idsd_v1_ImportListHeader__Output } from '../../idsd/v1/ImportListHeader.js';

export interface ImportListRequest {
  'list'?: (_idsd_v1_ImportListHeader | null);
  'entries4'?: (Buffer | Uint8Array | string);
  'entries6'?: (Buffer | Uint8Array | string);
}

export interface ImportListRequest__Output {
  'list': (_idsd_v1_ImportListHeader__Output | null);
  'entries4': (Buffer);
  'entries6': (Buffer);
}
