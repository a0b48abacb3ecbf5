// Original file: proto/idsd/v1/idsd.proto

import type { ApplyChange as _idsd_v1_ApplyChange, ApplyChange__Output as _idsd_v1_ApplyChange__Output } from '../../idsd/v1/ApplyChange.js';
import type { PlannedSource as _idsd_v1_PlannedSource, PlannedSource__Output as _idsd_v1_PlannedSource__Output } from '../../idsd/v1/PlannedSource.js';
import type { BlockPlan as _idsd_v1_BlockPlan, BlockPlan__Output as _idsd_v1_BlockPlan__Output } from '../../idsd/v1/BlockPlan.js';
import type { Long } from '@grpc/proto-loader';

export interface ApplyPlan {
  'change'?: (_idsd_v1_ApplyChange | null);
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'more'?: (_idsd_v1_PlannedSource)[];
  'fewer'?: (_idsd_v1_PlannedSource)[];
  'hit'?: (_idsd_v1_BlockPlan | null);
  'partial'?: (boolean);
}

export interface ApplyPlan__Output {
  'change': (_idsd_v1_ApplyChange__Output | null);
  'sinceMs': (number);
  'untilMs': (number);
  'more': (_idsd_v1_PlannedSource__Output)[];
  'fewer': (_idsd_v1_PlannedSource__Output)[];
  'hit': (_idsd_v1_BlockPlan__Output | null);
  'partial': (boolean);
}
