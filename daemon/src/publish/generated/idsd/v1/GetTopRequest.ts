// Original file: proto/idsd/v1/idsd.proto

import type { TopOrder as _idsd_v1_TopOrder, TopOrder__Output as _idsd_v1_TopOrder__Output } from '../../idsd/v1/TopOrder.js';

export interface GetTopRequest {
  'count'?: (number);
  'order'?: (_idsd_v1_TopOrder);
}

export interface GetTopRequest__Output {
  'count': (number);
  'order': (_idsd_v1_TopOrder__Output);
}
