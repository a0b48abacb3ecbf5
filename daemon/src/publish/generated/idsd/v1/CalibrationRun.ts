// Original file: proto/idsd/v1/idsd.proto

import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { Long } from '@grpc/proto-loader';

export interface CalibrationRun {
  'startedAtMs'?: (number | string | Long);
  'endedAtMs'?: (number | string | Long);
  'learntMs'?: (number | string | Long);
  'forMs'?: (number | string | Long);
  'by'?: (string);
  'modeBefore'?: (_idsd_v1_Mode);
  'flows'?: (number | string | Long);
  'sources'?: (number | string | Long);
  'scored'?: (number | string | Long);
  'leftOut'?: (number | string | Long);
  'classes'?: ({[key: string]: number | string | Long});
}

export interface CalibrationRun__Output {
  'startedAtMs': (number);
  'endedAtMs': (number);
  'learntMs': (number);
  'forMs': (number);
  'by': (string);
  'modeBefore': (_idsd_v1_Mode__Output);
  'flows': (number);
  'sources': (number);
  'scored': (number);
  'leftOut': (number);
  'classes': ({[key: string]: number});
}
