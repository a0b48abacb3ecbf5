// Original file: proto/idsd/v1/idsd.proto


export interface GetAlertRequest {
  'id'?: (string);
}

export interface GetAlertRequest__Output {
  'id': (string);
}
