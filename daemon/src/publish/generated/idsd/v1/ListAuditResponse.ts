// Original file: proto/idsd/v1/idsd.proto

import type { AuditRow as _idsd_v1_AuditRow, AuditRow__Output as _idsd_v1_AuditRow__Output } from '../../idsd/v1/AuditRow.js';
import type { Long } from '@grpc/proto-loader';

export interface ListAuditResponse {
  'rows'?: (_idsd_v1_AuditRow)[];
  'total'?: (number | string | Long);
}

export interface ListAuditResponse__Output {
  'rows': (_idsd_v1_AuditRow__Output)[];
  'total': (number);
}
