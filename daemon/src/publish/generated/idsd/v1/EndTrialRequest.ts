// Original file: proto/idsd/v1/idsd.proto


export interface EndTrialRequest {
  'reason'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
}

export interface EndTrialRequest__Output {
  'reason': (string);
  'dryRun': (boolean);
  'caller': (string);
}
