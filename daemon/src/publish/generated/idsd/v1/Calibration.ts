// Original file: proto/idsd/v1/idsd.proto

import type { CalibrationStatus as _idsd_v1_CalibrationStatus, CalibrationStatus__Output as _idsd_v1_CalibrationStatus__Output } from '../../idsd/v1/CalibrationStatus.js';
import type { CalibrationProposal as _idsd_v1_CalibrationProposal, CalibrationProposal__Output as _idsd_v1_CalibrationProposal__Output } from '../../idsd/v1/CalibrationProposal.js';

export interface Calibration {
  'status'?: (_idsd_v1_CalibrationStatus | null);
  'proposal'?: (_idsd_v1_CalibrationProposal | null);
}

export interface Calibration__Output {
  'status': (_idsd_v1_CalibrationStatus__Output | null);
  'proposal': (_idsd_v1_CalibrationProposal__Output | null);
}
