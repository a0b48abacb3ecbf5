// Original file: proto/idsd/v1/idsd.proto


export interface AddAllowRequest {
  'target'?: (string);
  'reason'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
}

export interface AddAllowRequest__Output {
  'target': (string);
  'reason': (string);
  'dryRun': (boolean);
  'caller': (string);
}
