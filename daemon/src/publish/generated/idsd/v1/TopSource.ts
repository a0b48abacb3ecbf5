// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface TopSource {
  'address'?: (string);
  'packets'?: (number | string | Long);
  'bytesFwd'?: (number | string | Long);
  'bytesBwd'?: (number | string | Long);
  'flows'?: (number | string | Long);
}

export interface TopSource__Output {
  'address': (string);
  'packets': (number);
  'bytesFwd': (number);
  'bytesBwd': (number);
  'flows': (number);
}
