// Original file: proto/idsd/v1/idsd.proto

import type { Fate as _idsd_v1_Fate, Fate__Output as _idsd_v1_Fate__Output } from '../../idsd/v1/Fate.js';
import type { KernelMatch as _idsd_v1_KernelMatch, KernelMatch__Output as _idsd_v1_KernelMatch__Output } from '../../idsd/v1/KernelMatch.js';
import type { Decision as _idsd_v1_Decision, Decision__Output as _idsd_v1_Decision__Output } from '../../idsd/v1/Decision.js';
import type { AllowLink as _idsd_v1_AllowLink, AllowLink__Output as _idsd_v1_AllowLink__Output } from '../../idsd/v1/AllowLink.js';
import type { ModelStatus as _idsd_v1_ModelStatus, ModelStatus__Output as _idsd_v1_ModelStatus__Output } from '../../idsd/v1/ModelStatus.js';
import type { ModelReason as _idsd_v1_ModelReason, ModelReason__Output as _idsd_v1_ModelReason__Output } from '../../idsd/v1/ModelReason.js';
import type { Alert as _idsd_v1_Alert, Alert__Output as _idsd_v1_Alert__Output } from '../../idsd/v1/Alert.js';
import type { Mode as _idsd_v1_Mode, Mode__Output as _idsd_v1_Mode__Output } from '../../idsd/v1/Mode.js';
import type { ListHolding as _idsd_v1_ListHolding, ListHolding__Output as _idsd_v1_ListHolding__Output } from '../../idsd/v1/ListHolding.js';
import type { Long } from '@grpc/proto-loader';

export interface WhyResponse {
  'target'?: (string);
  'atMs'?: (number | string | Long);
  'fate'?: (_idsd_v1_Fate);
  'fateWithoutAllow'?: (_idsd_v1_Fate);
  'entries'?: (_idsd_v1_KernelMatch)[];
  'decisions'?: (_idsd_v1_Decision)[];
  'divergences'?: (string)[];
  'allows'?: (_idsd_v1_AllowLink)[];
  'guards'?: (string)[];
  'model'?: (_idsd_v1_ModelStatus | null);
  'modelReason'?: (_idsd_v1_ModelReason | null);
  'modelProblem'?: (string);
  'history'?: (_idsd_v1_Decision)[];
  'historyTotal'?: (number | string | Long);
  'alerts'?: (_idsd_v1_Alert)[];
  'alertsTotal'?: (number | string | Long);
  'mode'?: (_idsd_v1_Mode);
  'decisionsInside'?: (number | string | Long);
  'lists'?: (_idsd_v1_ListHolding)[];
}

export interface WhyResponse__Output {
  'target': (string);
  'atMs': (number);
  'fate': (_idsd_v1_Fate__Output);
  'fateWithoutAllow': (_idsd_v1_Fate__Output);
  'entries': (_idsd_v1_KernelMatch__Output)[];
  'decisions': (_idsd_v1_Decision__Output)[];
  'divergences': (string)[];
  'allows': (_idsd_v1_AllowLink__Output)[];
  'guards': (string)[];
  'model': (_idsd_v1_ModelStatus__Output | null);
  'modelReason': (_idsd_v1_ModelReason__Output | null);
  'modelProblem': (string);
  'history': (_idsd_v1_Decision__Output)[];
  'historyTotal': (number);
  'alerts': (_idsd_v1_Alert__Output)[];
  'alertsTotal': (number);
  'mode': (_idsd_v1_Mode__Output);
  'decisionsInside': (number);
  'lists': (_idsd_v1_ListHolding__Output)[];
}
