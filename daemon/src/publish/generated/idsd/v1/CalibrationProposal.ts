// Original file: proto/idsd/v1/idsd.proto

import type { ThresholdProposal as _idsd_v1_ThresholdProposal, ThresholdProposal__Output as _idsd_v1_ThresholdProposal__Output } from '../../idsd/v1/ThresholdProposal.js';
import type { ProposedSource as _idsd_v1_ProposedSource, ProposedSource__Output as _idsd_v1_ProposedSource__Output } from '../../idsd/v1/ProposedSource.js';
import type { Long } from '@grpc/proto-loader';

export interface CalibrationProposal {
  'alerts'?: (number | string);
  'flows'?: (number | string | Long);
  'scored'?: (number | string | Long);
  'thresholds'?: (_idsd_v1_ThresholdProposal)[];
  'sources'?: (_idsd_v1_ProposedSource)[];
  'sourcesTotal'?: (number | string | Long);
  'missing'?: (string)[];
}

export interface CalibrationProposal__Output {
  'alerts': (number);
  'flows': (number);
  'scored': (number);
  'thresholds': (_idsd_v1_ThresholdProposal__Output)[];
  'sources': (_idsd_v1_ProposedSource__Output)[];
  'sourcesTotal': (number);
  'missing': (string)[];
}
