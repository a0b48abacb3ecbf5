// Original file: proto/idsd/v1/idsd.proto


export interface GetDecisionRequest {
  'id'?: (string);
}

export interface GetDecisionRequest__Output {
  'id': (string);
}
