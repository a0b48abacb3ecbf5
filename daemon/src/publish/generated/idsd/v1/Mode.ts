// Original file: proto/idsd/v1/idsd.proto

export const Mode = {
  MODE_UNSPECIFIED: 'MODE_UNSPECIFIED',
  MODE_PREVENT: 'MODE_PREVENT',
  MODE_DETECT: 'MODE_DETECT',
} as const;

export type Mode =
  | 'MODE_UNSPECIFIED'
  | 0
  | 'MODE_PREVENT'
  | 1
  | 'MODE_DETECT'
  | 2

export type Mode__Output = typeof Mode[keyof typeof Mode]
