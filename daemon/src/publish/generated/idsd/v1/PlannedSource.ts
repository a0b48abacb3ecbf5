// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface PlannedSource {
  'source'?: (string);
  'points'?: (number | string);
  'atMs'?: (number | string | Long);
  'packets'?: (number | string | Long);
  'bytes'?: (number | string | Long);
}

export interface PlannedSource__Output {
  'source': (string);
  'points': (number);
  'atMs': (number);
  'packets': (number);
  'bytes': (number);
}
