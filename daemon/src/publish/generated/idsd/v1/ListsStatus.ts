// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface ListsStatus {
  'lists'?: (number | string | Long);
  'entries'?: (number | string | Long);
  'droppedPackets'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  'unloaded'?: (string)[];
}

export interface ListsStatus__Output {
  'lists': (number);
  'entries': (number);
  'droppedPackets': (number);
  'bytes': (number);
  'unloaded': (string)[];
}
