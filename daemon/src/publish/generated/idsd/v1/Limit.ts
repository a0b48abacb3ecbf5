// Original file: proto/idsd/v1/idsd.proto

import type { LimitUnit as _idsd_v1_LimitUnit, LimitUnit__Output as _idsd_v1_LimitUnit__Output } from '../../idsd/v1/LimitUnit.js';
import type { Long } from '@grpc/proto-loader';

export interface Limit {
  'unit'?: (_idsd_v1_LimitUnit);
  'perSecond'?: (number | string);
  'passed'?: (number | string | Long);
  'limited'?: (number | string | Long);
}

export interface Limit__Output {
  'unit': (_idsd_v1_LimitUnit__Output);
  'perSecond': (number);
  'passed': (number);
  'limited': (number);
}
