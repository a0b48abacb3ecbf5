// Original file: proto/idsd/v1/idsd.proto

import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { Long } from '@grpc/proto-loader';

export interface PlanModeRequest {
  'mode'?: (_idsd_v1_Mode);
  'sinceMs'?: (number | string | Long);
}

export interface PlanModeRequest__Output {
  'mode': (_idsd_v1_Mode__Output);
  'sinceMs': (number);
}
