// Original file: proto/idsd/v1/idsd.proto

import type { Alert as _idsd_v1_Alert, Alert__Output as _idsd_v1_Alert__Output } from '../../idsd/v1/Alert.js';
import type { Long } from '@grpc/proto-loader';

export interface ListAlertsResponse {
  'alerts'?: (_idsd_v1_Alert)[];
  'total'?: (number | string | Long);
}

export interface ListAlertsResponse__Output {
  'alerts': (_idsd_v1_Alert__Output)[];
  'total': (number);
}
