// Original file: proto/idsd/v1/idsd.proto

export const Action = {
  ACTION_UNSPECIFIED: 'ACTION_UNSPECIFIED',
  ACTION_DROP: 'ACTION_DROP',
  ACTION_COUNT: 'ACTION_COUNT',
} as const;

export type Action =
  | 'ACTION_UNSPECIFIED'
  | 0
  | 'ACTION_DROP'
  | 1
  | 'ACTION_COUNT'
  | 2

export type Action__Output = typeof Action[keyof typeof Action]
