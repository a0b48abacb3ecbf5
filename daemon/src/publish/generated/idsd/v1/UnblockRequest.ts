// Original file: proto/idsd/v1/idsd.proto


export interface UnblockRequest {
  'target'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
  'decisionId'?: (string);
  'reason'?: (string);
}

export interface UnblockRequest__Output {
  'target': (string);
  'dryRun': (boolean);
  'caller': (string);
  'decisionId': (string);
  'reason': (string);
}
