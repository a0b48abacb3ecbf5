// Original file: proto/idsd/v1/idsd.proto

export const LimitUnit = {
  LIMIT_UNIT_UNSPECIFIED: 'LIMIT_UNIT_UNSPECIFIED',
  LIMIT_UNIT_PACKETS: 'LIMIT_UNIT_PACKETS',
  LIMIT_UNIT_BITS: 'LIMIT_UNIT_BITS',
} as const;

export type LimitUnit =
  | 'LIMIT_UNIT_UNSPECIFIED'
  | 0
  | 'LIMIT_UNIT_PACKETS'
  | 1
  | 'LIMIT_UNIT_BITS'
  | 2

export type LimitUnit__Output = typeof LimitUnit[keyof typeof LimitUnit]
