// Original file: proto/idsd/v1/idsd.proto


export interface FeatureWeight {
  'name'?: (string);
  'value'?: (number | string);
  'median'?: (number | string);
  'score'?: (number | string);
}

export interface FeatureWeight__Output {
  'name': (string);
  'value': (number);
  'median': (number);
  'score': (number);
}
