// Original file: proto/idsd/v1/idsd.proto

export const Origin = {
  ORIGIN_UNSPECIFIED: 'ORIGIN_UNSPECIFIED',
  ORIGIN_OPERATOR: 'ORIGIN_OPERATOR',
  ORIGIN_DETECTOR: 'ORIGIN_DETECTOR',
  ORIGIN_MODEL: 'ORIGIN_MODEL',
  ORIGIN_LIST: 'ORIGIN_LIST',
} as const;

export type Origin =
  | 'ORIGIN_UNSPECIFIED'
  | 0
  | 'ORIGIN_OPERATOR'
  | 1
  | 'ORIGIN_DETECTOR'
  | 2
  | 'ORIGIN_MODEL'
  | 3
  | 'ORIGIN_LIST'
  | 4

export type Origin__Output = typeof Origin[keyof typeof Origin]
