// Original file: proto/idsd/v1/idsd.proto

import type { Alert as _idsd_v1_Alert, Alert__Output as _idsd_v1_Alert__Output } from '../../idsd/v1/Alert.js';
import type { Long } from '@grpc/proto-loader';

export interface AlertEvent {
  'alert'?: (_idsd_v1_Alert | null);
  'lost'?: (number | string | Long);
}

export interface AlertEvent__Output {
  'alert': (_idsd_v1_Alert__Output | null);
  'lost': (number);
}
