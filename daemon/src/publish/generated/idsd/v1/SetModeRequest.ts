// Original file: proto/idsd/v1/idsd.proto

import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { Long } from '@grpc/proto-loader';

export interface SetModeRequest {
  'mode'?: (_idsd_v1_Mode);
  'dryRun'?: (boolean);
  'caller'?: (string);
  'reason'?: (string);
  'confirmMs'?: (number | string | Long);
  'force'?: (boolean);
}

export interface SetModeRequest__Output {
  'mode': (_idsd_v1_Mode__Output);
  'dryRun': (boolean);
  'caller': (string);
  'reason': (string);
  'confirmMs': (number);
  'force': (boolean);
}
