// Original file: proto/idsd/v1/idsd.proto

import type { CalibrationStatus as _idsd_v1_CalibrationStatus, CalibrationStatus__Output as _idsd_v1_CalibrationStatus__Output } from '../../idsd/v1/CalibrationStatus.js';
import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { CalibrationProposal as _idsd_v1_CalibrationProposal, CalibrationProposal__Output as _idsd_v1_CalibrationProposal__Output } from '../../idsd/v1/CalibrationProposal.js';

export interface CalibrationChange {
  'dryRun'?: (boolean);
  'status'?: (_idsd_v1_CalibrationStatus | null);
  'modeBefore'?: (_idsd_v1_Mode);
  'mode'?: (_idsd_v1_Mode);
  'overridden'?: (string)[];
  'proposal'?: (_idsd_v1_CalibrationProposal | null);
}

export interface CalibrationChange__Output {
  'dryRun': (boolean);
  'status': (_idsd_v1_CalibrationStatus__Output | null);
  'modeBefore': (_idsd_v1_Mode__Output);
  'mode': (_idsd_v1_Mode__Output);
  'overridden': (string)[];
  'proposal': (_idsd_v1_CalibrationProposal__Output | null);
}
