// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface PlannedTraffic {
  'flows'?: (number | string | Long);
  'packets'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  'wireBytesLeast'?: (number | string | Long);
}

export interface PlannedTraffic__Output {
  'flows': (number);
  'packets': (number);
  'bytes': (number);
  'wireBytesLeast': (number);
}
