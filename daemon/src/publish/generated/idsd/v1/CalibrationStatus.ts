// Original file: proto/idsd/v1/idsd.proto

import type { CalibrationRun as _idsd_v1_CalibrationRun, CalibrationRun__Output as _idsd_v1_CalibrationRun__Output } from '../../idsd/v1/CalibrationRun.js';
import type { SiteThresholds as _idsd_v1_SiteThresholds, SiteThresholds__Output as _idsd_v1_SiteThresholds__Output } from '../../idsd/v1/SiteThresholds.js';

export interface CalibrationStatus {
  'run'?: (_idsd_v1_CalibrationRun | null);
  'site'?: (_idsd_v1_SiteThresholds | null);
}

export interface CalibrationStatus__Output {
  'run': (_idsd_v1_CalibrationRun__Output | null);
  'site': (_idsd_v1_SiteThresholds__Output | null);
}
