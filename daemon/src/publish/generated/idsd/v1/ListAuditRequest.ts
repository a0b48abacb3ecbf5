// Original file: proto/idsd/v1/idsd.proto

import type { Filter as _idsd_v1_Filter, Filter__Output as _idsd_v1_Filter__Output } from '../../idsd/v1/Filter.js';

export interface ListAuditRequest {
  'filter'?: (_idsd_v1_Filter | null);
}

export interface ListAuditRequest__Output {
  'filter': (_idsd_v1_Filter__Output | null);
}
