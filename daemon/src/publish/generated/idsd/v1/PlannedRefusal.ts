// Original file: proto/idsd/v1/idsd.proto


export interface PlannedRefusal {
  'target'?: (string);
  'guards'?: (string)[];
}

export interface PlannedRefusal__Output {
  'target': (string);
  'guards': (string)[];
}
