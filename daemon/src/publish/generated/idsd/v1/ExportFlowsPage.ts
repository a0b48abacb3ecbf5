// Original file: proto/idsd/v1/idsd.proto

import type { FlowRecord as _idsd_v1_FlowRecord, FlowRecord__Output as _idsd_v1_FlowRecord__Output } from '../../idsd/v1/FlowRecord.js';

export interface ExportFlowsPage {
  'flows'?: (_idsd_v1_FlowRecord)[];
  'features'?: (number | string)[];
  'featureNames'?: (string)[];
}

export interface ExportFlowsPage__Output {
  'flows': (_idsd_v1_FlowRecord__Output)[];
  'features': (number)[];
  'featureNames': (string)[];
}
