// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface MapStatus {
  'name'?: (string);
  'entries'?: (number | string | Long);
  'capacity'?: (number | string | Long);
  'bytes'?: (number | string | Long);
}

export interface MapStatus__Output {
  'name': (string);
  'entries': (number);
  'capacity': (number);
  'bytes': (number);
}
