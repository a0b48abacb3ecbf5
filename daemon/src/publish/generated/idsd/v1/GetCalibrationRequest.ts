// Original file: proto/idsd/v1/idsd.proto


export interface GetCalibrationRequest {
  'propose'?: (boolean);
  'alerts'?: (number | string);
  'include'?: (string)[];
  'exclude'?: (string)[];
}

export interface GetCalibrationRequest__Output {
  'propose': (boolean);
  'alerts': (number);
  'include': (string)[];
  'exclude': (string)[];
}
