/** What a decision or an entry does to packets, in words. */

import { type Rate, rateWord } from '../arguments/rate.js'
import type { Limit } from '../contract.js'
import { count, counted } from './units.js'
import { word } from './words.js'

/** What is needed of a decision or an entry. */
export interface Acting {
  readonly action: string
  readonly limit: Limit | null
  readonly sparesFlows: boolean
}

/** `limit 100pps, flows spared`. */
export function actionText({ action, limit, sparesFlows }: Acting): string {
  const rate = limit === null ? '' : ` ${rateWord(rateOf(limit))}`
  return `${word(action, 'ACTION')}${rate}${sparesFlows ? ', flows spared' : ''}`
}

/** What became of the packets that met it. */
export function metWord(action: string): string {
  if (action === 'ACTION_COUNT') return 'counted'
  if (action === 'ACTION_LIMIT' || action === 'ACTION_SYN_DROP') return 'seen'
  return action === 'ACTION_REJECT' ? 'rejected' : 'dropped'
}

/** `1,000 packets let through, 52,310 kept back`; '' without a limit. */
export function limitedText({ limit }: Pick<Acting, 'limit'>): string {
  if (limit === null) return ''
  return `${counted(limit.passed, 'packet')} let through, ${count(limit.limited)} kept back`
}

/** For documents; null without a limit. */
export function limitDocument({ limit }: Pick<Acting, 'limit'>) {
  if (limit === null) return null
  const { unit, perSecond } = rateOf(limit)
  return { unit, per_second: perSecond, passed: limit.passed, limited: limit.limited }
}

/** Options of `idsctl block` that ask for the same. */
export function actionOptions({ action, limit, sparesFlows }: Acting): string {
  const name = action === 'ACTION_COUNT' ? 'observe' : word(action, 'ACTION').replace('_', '-')
  return [
    action === 'ACTION_DROP' ? '' : ` --action ${name}`,
    limit === null ? '' : ` --rate ${rateWord(rateOf(limit))}`,
    sparesFlows ? ' --spare-flows' : '',
  ].join('')
}

function rateOf({ unit, perSecond }: Limit): Rate {
  return { unit: unit === 'LIMIT_UNIT_BITS' ? 'bits' : 'packets', perSecond }
}
