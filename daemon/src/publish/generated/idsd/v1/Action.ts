// Original file: proto/idsd/v1/idsd.proto

export const Action = {
  ACTION_UNSPECIFIED: 'ACTION_UNSPECIFIED',
  ACTION_DROP: 'ACTION_DROP',
  ACTION_COUNT: 'ACTION_COUNT',
  ACTION_LIMIT: 'ACTION_LIMIT',
  ACTION_SYN_DROP: 'ACTION_SYN_DROP',
  ACTION_REJECT: 'ACTION_REJECT',
} as const;

export type Action =
  | 'ACTION_UNSPECIFIED'
  | 0
  | 'ACTION_DROP'
  | 1
  | 'ACTION_COUNT'
  | 2
  | 'ACTION_LIMIT'
  | 3
  | 'ACTION_SYN_DROP'
  | 4
  | 'ACTION_REJECT'
  | 5

export type Action__Output = typeof Action[keyof typeof Action]
