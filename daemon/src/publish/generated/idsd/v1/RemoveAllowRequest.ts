// Original file: proto/idsd/v1/idsd.proto


export interface RemoveAllowRequest {
  'target'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
  'reason'?: (string);
}

export interface RemoveAllowRequest__Output {
  'target': (string);
  'dryRun': (boolean);
  'caller': (string);
  'reason': (string);
}
