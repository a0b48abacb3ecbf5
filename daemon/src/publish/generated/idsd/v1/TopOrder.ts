// Original file: proto/idsd/v1/idsd.proto

export const TopOrder = {
  TOP_ORDER_UNSPECIFIED: 'TOP_ORDER_UNSPECIFIED',
  TOP_ORDER_BYTES: 'TOP_ORDER_BYTES',
  TOP_ORDER_PACKETS: 'TOP_ORDER_PACKETS',
  TOP_ORDER_FLOWS: 'TOP_ORDER_FLOWS',
} as const;

export type TopOrder =
  | 'TOP_ORDER_UNSPECIFIED'
  | 0
  | 'TOP_ORDER_BYTES'
  | 1
  | 'TOP_ORDER_PACKETS'
  | 2
  | 'TOP_ORDER_FLOWS'
  | 3

export type TopOrder__Output = typeof TopOrder[keyof typeof TopOrder]
