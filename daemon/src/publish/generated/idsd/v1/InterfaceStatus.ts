// Original file: proto/idsd/v1/idsd.proto


export interface InterfaceStatus {
  'name'?: (string);
  'ifindex'?: (number);
  'xdpMode'?: (string);
  'egressHook'?: (string);
  'frags'?: (boolean);
}

export interface InterfaceStatus__Output {
  'name': (string);
  'ifindex': (number);
  'xdpMode': (string);
  'egressHook': (string);
  'frags': (boolean);
}
