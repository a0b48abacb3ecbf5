// Original file: proto/idsd/v1/idsd.proto

import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { PlannedDecision as _idsd_v1_PlannedDecision, PlannedDecision__Output as _idsd_v1_PlannedDecision__Output } from '../../idsd/v1/PlannedDecision.js';
import type { PlanBound as _idsd_v1_PlanBound, PlanBound__Output as _idsd_v1_PlanBound__Output } from '../../idsd/v1/PlanBound.js';
import type { Long } from '@grpc/proto-loader';

export interface ModePlan {
  'before'?: (_idsd_v1_Mode);
  'mode'?: (_idsd_v1_Mode);
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'decisions'?: (_idsd_v1_PlannedDecision)[];
  'decisionsTotal'?: (number | string | Long);
  'packets'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  'atOnceTotal'?: (number | string | Long);
  'liveTotal'?: (number | string | Long);
  'partial'?: (boolean);
  'bound'?: (_idsd_v1_PlanBound);
  'spoofableTotal'?: (number | string | Long);
  'heldTotal'?: (number | string | Long);
  'tripped'?: (string)[];
}

export interface ModePlan__Output {
  'before': (_idsd_v1_Mode__Output);
  'mode': (_idsd_v1_Mode__Output);
  'sinceMs': (number);
  'untilMs': (number);
  'decisions': (_idsd_v1_PlannedDecision__Output)[];
  'decisionsTotal': (number);
  'packets': (number);
  'bytes': (number);
  'atOnceTotal': (number);
  'liveTotal': (number);
  'partial': (boolean);
  'bound': (_idsd_v1_PlanBound__Output);
  'spoofableTotal': (number);
  'heldTotal': (number);
  'tripped': (string)[];
}
