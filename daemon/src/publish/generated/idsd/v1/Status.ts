// Original file: proto/idsd/v1/idsd.proto

import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { InterfaceStatus as _idsd_v1_InterfaceStatus, InterfaceStatus__Output as _idsd_v1_InterfaceStatus__Output } from '../../idsd/v1/InterfaceStatus.js';
import type { MapStatus as _idsd_v1_MapStatus, MapStatus__Output as _idsd_v1_MapStatus__Output } from '../../idsd/v1/MapStatus.js';
import type { ModelStatus as _idsd_v1_ModelStatus, ModelStatus__Output as _idsd_v1_ModelStatus__Output } from '../../idsd/v1/ModelStatus.js';
import type { TrafficCounters as _idsd_v1_TrafficCounters, TrafficCounters__Output as _idsd_v1_TrafficCounters__Output } from '../../idsd/v1/TrafficCounters.js';
import type { Panic as _idsd_v1_Panic, Panic__Output as _idsd_v1_Panic__Output } from '../../idsd/v1/Panic.js';
import type { Breaker as _idsd_v1_Breaker, Breaker__Output as _idsd_v1_Breaker__Output } from '../../idsd/v1/Breaker.js';
import type { Trial as _idsd_v1_Trial, Trial__Output as _idsd_v1_Trial__Output } from '../../idsd/v1/Trial.js';
import type { ListsStatus as _idsd_v1_ListsStatus, ListsStatus__Output as _idsd_v1_ListsStatus__Output } from '../../idsd/v1/ListsStatus.js';
import type { CalibrationStatus as _idsd_v1_CalibrationStatus, CalibrationStatus__Output as _idsd_v1_CalibrationStatus__Output } from '../../idsd/v1/CalibrationStatus.js';
import type { Privilege as _idsd_v1_Privilege, Privilege__Output as _idsd_v1_Privilege__Output } from '../../idsd/v1/Privilege.js';
import type { LadderCounters as _idsd_v1_LadderCounters, LadderCounters__Output as _idsd_v1_LadderCounters__Output } from '../../idsd/v1/LadderCounters.js';
import type { Long } from '@grpc/proto-loader';

export interface Status {
  'version'?: (string);
  'startedAtMs'?: (number | string | Long);
  'mode'?: (_idsd_v1_Mode);
  'interfaces'?: (_idsd_v1_InterfaceStatus)[];
  'maps'?: (_idsd_v1_MapStatus)[];
  'model'?: (_idsd_v1_ModelStatus | null);
  'traffic'?: (_idsd_v1_TrafficCounters | null);
  'lost'?: ({[key: string]: number | string | Long});
  'decisionsActive'?: (number | string | Long);
  'allowEntries'?: (number | string | Long);
  'alertsTotal'?: (number | string | Long);
  'flowRecordsTotal'?: (number | string | Long);
  'warnings'?: (string)[];
  'divergencesRepaired'?: (number | string | Long);
  'withoutFlow'?: ({[key: string]: number | string | Long});
  'newFlowsTotal'?: (number | string | Long);
  'panic'?: (_idsd_v1_Panic | null);
  'breakers'?: (_idsd_v1_Breaker)[];
  'trial'?: (_idsd_v1_Trial | null);
  'lists'?: (_idsd_v1_ListsStatus | null);
  'calibration'?: (_idsd_v1_CalibrationStatus | null);
  'privilege'?: (_idsd_v1_Privilege | null);
  'ladder'?: (_idsd_v1_LadderCounters | null);
}

export interface Status__Output {
  'version': (string);
  'startedAtMs': (number);
  'mode': (_idsd_v1_Mode__Output);
  'interfaces': (_idsd_v1_InterfaceStatus__Output)[];
  'maps': (_idsd_v1_MapStatus__Output)[];
  'model': (_idsd_v1_ModelStatus__Output | null);
  'traffic': (_idsd_v1_TrafficCounters__Output | null);
  'lost': ({[key: string]: number});
  'decisionsActive': (number);
  'allowEntries': (number);
  'alertsTotal': (number);
  'flowRecordsTotal': (number);
  'warnings': (string)[];
  'divergencesRepaired': (number);
  'withoutFlow': ({[key: string]: number});
  'newFlowsTotal': (number);
  'panic': (_idsd_v1_Panic__Output | null);
  'breakers': (_idsd_v1_Breaker__Output)[];
  'trial': (_idsd_v1_Trial__Output | null);
  'lists': (_idsd_v1_ListsStatus__Output | null);
  'calibration': (_idsd_v1_CalibrationStatus__Output | null);
  'privilege': (_idsd_v1_Privilege__Output | null);
  'ladder': (_idsd_v1_LadderCounters__Output | null);
}
