// Original file: proto/idsd/v1/idsd.proto

export const PlanBound = {
  PLAN_BOUND_UNSPECIFIED: 'PLAN_BOUND_UNSPECIFIED',
  PLAN_BOUND_EXACT: 'PLAN_BOUND_EXACT',
  PLAN_BOUND_AT_MOST: 'PLAN_BOUND_AT_MOST',
} as const;

export type PlanBound =
  | 'PLAN_BOUND_UNSPECIFIED'
  | 0
  | 'PLAN_BOUND_EXACT'
  | 1
  | 'PLAN_BOUND_AT_MOST'
  | 2

export type PlanBound__Output = typeof PlanBound[keyof typeof PlanBound]
