// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface ProposedSource {
  'source'?: (string);
  'standing'?: (string);
  'detectors'?: (string)[];
  'firingsBefore'?: (number | string | Long);
  'firingsAfter'?: (number | string | Long);
  'decisionIds'?: (string)[];
  'mayBlockAfter'?: (boolean);
}

export interface ProposedSource__Output {
  'source': (string);
  'standing': (string);
  'detectors': (string)[];
  'firingsBefore': (number);
  'firingsAfter': (number);
  'decisionIds': (string)[];
  'mayBlockAfter': (boolean);
}
