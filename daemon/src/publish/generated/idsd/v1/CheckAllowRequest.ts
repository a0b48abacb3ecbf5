// Original file: proto/idsd/v1/idsd.proto


export interface CheckAllowRequest {
  'target'?: (string);
  'callerPeer'?: (string);
}

export interface CheckAllowRequest__Output {
  'target': (string);
  'callerPeer': (string);
}
