// Original file: proto/idsd/v1/idsd.proto

export const Fate = {
  FATE_UNSPECIFIED: 'FATE_UNSPECIFIED',
  FATE_DROPPED: 'FATE_DROPPED',
  FATE_COUNTED: 'FATE_COUNTED',
  FATE_ALLOWED: 'FATE_ALLOWED',
  FATE_PASSES: 'FATE_PASSES',
  FATE_SPARED: 'FATE_SPARED',
  FATE_LIMITED: 'FATE_LIMITED',
  FATE_SYN_DROPPED: 'FATE_SYN_DROPPED',
  FATE_REJECTED: 'FATE_REJECTED',
} as const;

export type Fate =
  | 'FATE_UNSPECIFIED'
  | 0
  | 'FATE_DROPPED'
  | 1
  | 'FATE_COUNTED'
  | 2
  | 'FATE_ALLOWED'
  | 3
  | 'FATE_PASSES'
  | 4
  | 'FATE_SPARED'
  | 5
  | 'FATE_LIMITED'
  | 6
  | 'FATE_SYN_DROPPED'
  | 7
  | 'FATE_REJECTED'
  | 8

export type Fate__Output = typeof Fate[keyof typeof Fate]
