// Original file: proto/idsd/v1/idsd.proto


export interface ThresholdProposal {
  'detector'?: (string);
  'key'?: (string);
  'unit'?: (string);
  'before'?: (number | string);
  'proposed'?: (number | string);
  'seenBelow'?: (number | string);
  'alertsBefore'?: (number | string);
  'alertsAfter'?: (number | string);
  'pinned'?: (boolean);
  'problem'?: (string);
  '_seenBelow'?: "seenBelow";
}

export interface ThresholdProposal__Output {
  'detector': (string);
  'key': (string);
  'unit': (string);
  'before': (number);
  'proposed': (number);
  'seenBelow'?: (number);
  'alertsBefore': (number);
  'alertsAfter': (number);
  'pinned': (boolean);
  'problem': (string);
  '_seenBelow'?: "seenBelow";
}
