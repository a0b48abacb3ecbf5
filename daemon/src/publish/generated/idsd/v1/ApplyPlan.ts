// Original file: proto/idsd/v1/idsd.proto

import type { ApplyChange as _idsd_v1_ApplyChange, ApplyChange__Output as _idsd_v1_ApplyChange__Output } from '../../idsd/v1/ApplyChange.js';
import type { PlannedSource as _idsd_v1_PlannedSource, PlannedSource__Output as _idsd_v1_PlannedSource__Output } from '../../idsd/v1/PlannedSource.js';
import type { BlockPlan as _idsd_v1_BlockPlan, BlockPlan__Output as _idsd_v1_BlockPlan__Output } from '../../idsd/v1/BlockPlan.js';
import type { PlannedAddress as _idsd_v1_PlannedAddress, PlannedAddress__Output as _idsd_v1_PlannedAddress__Output } from '../../idsd/v1/PlannedAddress.js';
import type { PlannedTraffic as _idsd_v1_PlannedTraffic, PlannedTraffic__Output as _idsd_v1_PlannedTraffic__Output } from '../../idsd/v1/PlannedTraffic.js';
import type { PlannedList as _idsd_v1_PlannedList, PlannedList__Output as _idsd_v1_PlannedList__Output } from '../../idsd/v1/PlannedList.js';
import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { Long } from '@grpc/proto-loader';

export interface ApplyPlan {
  'change'?: (_idsd_v1_ApplyChange | null);
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'more'?: (_idsd_v1_PlannedSource)[];
  'fewer'?: (_idsd_v1_PlannedSource)[];
  'hit'?: (_idsd_v1_BlockPlan | null);
  'partial'?: (boolean);
  'freed'?: (_idsd_v1_PlannedAddress)[];
  'freedTotal'?: (number | string | Long);
  'freedTraffic'?: (_idsd_v1_PlannedTraffic | null);
  'lists'?: (_idsd_v1_PlannedList)[];
  'mode'?: (_idsd_v1_Mode);
}

export interface ApplyPlan__Output {
  'change': (_idsd_v1_ApplyChange__Output | null);
  'sinceMs': (number);
  'untilMs': (number);
  'more': (_idsd_v1_PlannedSource__Output)[];
  'fewer': (_idsd_v1_PlannedSource__Output)[];
  'hit': (_idsd_v1_BlockPlan__Output | null);
  'partial': (boolean);
  'freed': (_idsd_v1_PlannedAddress__Output)[];
  'freedTotal': (number);
  'freedTraffic': (_idsd_v1_PlannedTraffic__Output | null);
  'lists': (_idsd_v1_PlannedList__Output)[];
  'mode': (_idsd_v1_Mode__Output);
}
