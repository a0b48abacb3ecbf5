// Original file: proto/idsd/v1/idsd.proto

import type { Panic as _idsd_v1_Panic, Panic__Output as _idsd_v1_Panic__Output } from '../../idsd/v1/Panic.js';
import type { Long } from '@grpc/proto-loader';

export interface SetPanicResponse {
  'before'?: (_idsd_v1_Panic | null);
  'after'?: (_idsd_v1_Panic | null);
  'dryRun'?: (boolean);
  'decisionsDropping'?: (number | string | Long);
}

export interface SetPanicResponse__Output {
  'before': (_idsd_v1_Panic__Output | null);
  'after': (_idsd_v1_Panic__Output | null);
  'dryRun': (boolean);
  'decisionsDropping': (number);
}
