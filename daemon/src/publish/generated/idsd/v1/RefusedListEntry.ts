// Original file: proto/idsd/v1/idsd.proto


export interface RefusedListEntry {
  'target'?: (string);
  'guard'?: (string);
}

export interface RefusedListEntry__Output {
  'target': (string);
  'guard': (string);
}
