// Original file: proto/idsd/v1/idsd.proto

import type { PlannedTraffic as _idsd_v1_PlannedTraffic, PlannedTraffic__Output as _idsd_v1_PlannedTraffic__Output } from '../../idsd/v1/PlannedTraffic.js';
import type { PlannedAddress as _idsd_v1_PlannedAddress, PlannedAddress__Output as _idsd_v1_PlannedAddress__Output } from '../../idsd/v1/PlannedAddress.js';
import type { PlannedAllow as _idsd_v1_PlannedAllow, PlannedAllow__Output as _idsd_v1_PlannedAllow__Output } from '../../idsd/v1/PlannedAllow.js';
import type { PlannedRefusal as _idsd_v1_PlannedRefusal, PlannedRefusal__Output as _idsd_v1_PlannedRefusal__Output } from '../../idsd/v1/PlannedRefusal.js';
import type { Action as _idsd_v1_Action, Action__Output as _idsd_v1_Action__Output } from '../../idsd/v1/Action.js';
import type { Limit as _idsd_v1_Limit, Limit__Output as _idsd_v1_Limit__Output } from '../../idsd/v1/Limit.js';
import type { PlanBound as _idsd_v1_PlanBound, PlanBound__Output as _idsd_v1_PlanBound__Output } from '../../idsd/v1/PlanBound.js';
import type { Long } from '@grpc/proto-loader';

export interface BlockPlan {
  'sinceMs'?: (number | string | Long);
  'untilMs'?: (number | string | Long);
  'recorded'?: (_idsd_v1_PlannedTraffic | null);
  'hit'?: (_idsd_v1_PlannedTraffic | null);
  'addresses'?: (_idsd_v1_PlannedAddress)[];
  'addressesTotal'?: (number | string | Long);
  'liveTotal'?: (number | string | Long);
  'allowed'?: (_idsd_v1_PlannedAllow)[];
  'refused'?: (_idsd_v1_PlannedRefusal)[];
  'action'?: (_idsd_v1_Action);
  'limit'?: (_idsd_v1_Limit | null);
  'sparesFlows'?: (boolean);
  'bound'?: (_idsd_v1_PlanBound);
}

export interface BlockPlan__Output {
  'sinceMs': (number);
  'untilMs': (number);
  'recorded': (_idsd_v1_PlannedTraffic__Output | null);
  'hit': (_idsd_v1_PlannedTraffic__Output | null);
  'addresses': (_idsd_v1_PlannedAddress__Output)[];
  'addressesTotal': (number);
  'liveTotal': (number);
  'allowed': (_idsd_v1_PlannedAllow__Output)[];
  'refused': (_idsd_v1_PlannedRefusal__Output)[];
  'action': (_idsd_v1_Action__Output);
  'limit': (_idsd_v1_Limit__Output | null);
  'sparesFlows': (boolean);
  'bound': (_idsd_v1_PlanBound__Output);
}
