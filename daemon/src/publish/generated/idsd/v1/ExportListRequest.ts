// Original file: proto/idsd/v1/idsd.proto


export interface ExportListRequest {
  'name'?: (string);
}

export interface ExportListRequest__Output {
  'name': (string);
}
