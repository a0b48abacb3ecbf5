// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface LadderCounters {
  'limitedPackets'?: (number | string | Long);
  'synDroppedPackets'?: (number | string | Long);
  'sparedPackets'?: (number | string | Long);
  'rejectedAnswers'?: (number | string | Long);
}

export interface LadderCounters__Output {
  'limitedPackets': (number);
  'synDroppedPackets': (number);
  'sparedPackets': (number);
  'rejectedAnswers': (number);
}
