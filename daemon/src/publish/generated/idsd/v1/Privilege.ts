// Original file: proto/idsd/v1/idsd.proto


export interface Privilege {
  'user'?: (string);
  'uid'?: (number);
  'capabilities'?: (string)[];
  'problem'?: (string);
}

export interface Privilege__Output {
  'user': (string);
  'uid': (number);
  'capabilities': (string)[];
  'problem': (string);
}
