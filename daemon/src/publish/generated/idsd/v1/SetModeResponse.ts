// Original file: proto/idsd/v1/idsd.proto

import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';
import type { Long } from '@grpc/proto-loader';

export interface SetModeResponse {
  'before'?: (_idsd_v1_Mode);
  'mode'?: (_idsd_v1_Mode);
  'dryRun'?: (boolean);
  'decisionsChanged'?: (number | string | Long);
  'trial'?: (_idsd_v1_Trial | null);
  'overridden'?: (string)[];
}

export interface SetModeResponse__Output {
  'before': (_idsd_v1_Mode__Output);
  'mode': (_idsd_v1_Mode__Output);
  'dryRun': (boolean);
  'decisionsChanged': (number);
  'trial': (_idsd_v1_Trial__Output | null);
  'overridden': (string)[];
}
