// Original file: proto/idsd/v1/idsd.proto


export interface WhyRequest {
  'target'?: (string);
  'callerPeer'?: (string);
}

export interface WhyRequest__Output {
  'target': (string);
  'callerPeer': (string);
}
