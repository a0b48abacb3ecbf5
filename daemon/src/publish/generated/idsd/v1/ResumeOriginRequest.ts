// Original file: proto/idsd/v1/idsd.proto


export interface ResumeOriginRequest {
  'origin'?: (string);
  'reason'?: (string);
  'dryRun'?: (boolean);
  'caller'?: (string);
}

export interface ResumeOriginRequest__Output {
  'origin': (string);
  'reason': (string);
  'dryRun': (boolean);
  'caller': (string);
}
