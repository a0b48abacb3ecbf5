// Original file: proto/idsd/v1/idsd.proto


export interface ListAllowRequest {
}

export interface ListAllowRequest__Output {
}
