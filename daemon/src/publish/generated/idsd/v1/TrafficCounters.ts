// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface TrafficCounters {
  'passedPacketsIngress'?: (number | string | Long);
  'passedBytesIngress'?: (number | string | Long);
  'droppedPacketsIngress'?: (number | string | Long);
  'droppedBytesIngress'?: (number | string | Long);
  'passedPacketsEgress'?: (number | string | Long);
  'passedBytesEgress'?: (number | string | Long);
  'droppedPacketsEgress'?: (number | string | Long);
  'droppedBytesEgress'?: (number | string | Long);
}

export interface TrafficCounters__Output {
  'passedPacketsIngress': (number);
  'passedBytesIngress': (number);
  'droppedPacketsIngress': (number);
  'droppedBytesIngress': (number);
  'passedPacketsEgress': (number);
  'passedBytesEgress': (number);
  'droppedPacketsEgress': (number);
  'droppedBytesEgress': (number);
}
