// Original file: proto/idsd/v1/idsd.proto

import type { FlowRecord as _idsd_v1_FlowRecord, FlowRecord__Output as _idsd_v1_FlowRecord__Output } from '../../idsd/v1/FlowRecord.js';
import type { FeatureWeight as _idsd_v1_FeatureWeight, FeatureWeight__Output as _idsd_v1_FeatureWeight__Output } from '../../idsd/v1/FeatureWeight.js';

export interface ModelReason {
  'flow'?: (_idsd_v1_FlowRecord | null);
  'score'?: (number | string);
  'weights'?: (_idsd_v1_FeatureWeight)[];
}

export interface ModelReason__Output {
  'flow': (_idsd_v1_FlowRecord__Output | null);
  'score': (number);
  'weights': (_idsd_v1_FeatureWeight__Output)[];
}
