// Original file: proto/idsd/v1/idsd.proto


export interface GetStatusRequest {
}

export interface GetStatusRequest__Output {
}
