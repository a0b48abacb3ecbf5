// Original file: proto/idsd/v1/idsd.proto


export interface SettingChange {
  'path'?: (string);
  'before'?: (string);
  'after'?: (string);
}

export interface SettingChange__Output {
  'path': (string);
  'before': (string);
  'after': (string);
}
