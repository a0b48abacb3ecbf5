// Original file: proto/idsd/v1/idsd.proto


export interface ListListsRequest {
}

export interface ListListsRequest__Output {
}
