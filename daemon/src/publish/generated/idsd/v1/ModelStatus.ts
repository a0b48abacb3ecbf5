// Original file: proto/idsd/v1/idsd.proto

import type { Long } from '@grpc/proto-loader';

export interface ModelStatus {
  'loaded'?: (boolean);
  'name'?: (string);
  'version'?: (string);
  'sha256'?: (string);
  'threshold'?: (number | string);
  'mayBlock'?: (boolean);
  'problem'?: (string);
  'flowsScored'?: (number | string | Long);
  'calibrated'?: (boolean);
}

export interface ModelStatus__Output {
  'loaded': (boolean);
  'name': (string);
  'version': (string);
  'sha256': (string);
  'threshold': (number);
  'mayBlock': (boolean);
  'problem': (string);
  'flowsScored': (number);
  'calibrated': (boolean);
}
