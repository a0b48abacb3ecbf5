// Original file: proto/idsd/v1/idsd.proto

import type { PlannedTraffic as _idsd_v1_PlannedTraffic, PlannedTraffic__Output as _idsd_v1_PlannedTraffic__Output } from '../../idsd/v1/PlannedTraffic.js';
import type { Long } from '@grpc/proto-loader';

export interface PlannedAddress {
  'address'?: (string);
  'target'?: (string);
  'traffic'?: (_idsd_v1_PlannedTraffic | null);
  'lastSeenMs'?: (number | string | Long);
  'live'?: (boolean);
  'by'?: (string);
}

export interface PlannedAddress__Output {
  'address': (string);
  'target': (string);
  'traffic': (_idsd_v1_PlannedTraffic__Output | null);
  'lastSeenMs': (number);
  'live': (boolean);
  'by': (string);
}
