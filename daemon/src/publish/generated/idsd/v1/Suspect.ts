// Original file: proto/idsd/v1/idsd.proto


export interface Suspect {
  'address'?: (string);
  'points'?: (number | string);
}

export interface Suspect__Output {
  'address': (string);
  'points': (number);
}
