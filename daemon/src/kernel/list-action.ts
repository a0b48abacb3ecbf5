/** What an imported list does to the packets of who it holds, and which of several lists has the say. */

import { commonPacketBits, type Limit } from './limiters.js'

/** As in `enum block_action`, weakest first: `count` observes, `limit` and `synDrop` keep back a part of what arrives. */
export const listActions = ['count', 'limit', 'synDrop', 'drop', 'reject'] as const

export type ListAction = (typeof listActions)[number]

/** A list's action. */
export interface ListDoing {
  readonly action: ListAction
  /** Of `limit` only, and there always: one limit for all that the list holds together. */
  readonly limit?: Limit
}

/** The strongest; `none` of no action. */
export function strongestOf(actions: readonly ListAction[]): ListAction | 'none' {
  return [...listActions].reverse().find((action) => actions.includes(action)) ?? 'none'
}

/**
 * For a sort: lists that limit come first, the strictest first; all others stay in their order. Of limits in different
 * units a packet counts as the common one of 1,500 bytes.
 */
export function byStrictness(a: ListDoing, b: ListDoing): number {
  const [first, second] = [bitsPerSecond(a), bitsPerSecond(b)]
  return first === second ? 0 : first - second
}

function bitsPerSecond({ action, limit }: ListDoing): number {
  if (action !== 'limit') return Number.POSITIVE_INFINITY
  if (limit === undefined) return Number.MAX_VALUE
  return limit.unit === 'bits' ? limit.perSecond : limit.perSecond * commonPacketBits
}
