/** Enum values of requests as words of the rooms; an unknown number arrives as it is and is refused. */

import type { Action, Mode } from '../enforce/decision.js'
import { ArgumentError } from '../errors.js'
import type { Action__Output } from './generated/idsd/v1/Action.js'
import type { Mode__Output } from './generated/idsd/v1/Mode.js'
import type { TopOrder__Output } from './generated/idsd/v1/TopOrder.js'
import type { TopOrder } from './top-sources.js'

/** @throws ArgumentError `action` */
export function readAction(action: Action__Output | number): Action {
  if (action === 'ACTION_UNSPECIFIED' || action === 'ACTION_DROP') return 'drop'
  if (action === 'ACTION_COUNT') return 'count'
  throw new ArgumentError('action', 'ACTION_DROP or ACTION_COUNT', String(action))
}

/** @throws ArgumentError `mode` */
export function readMode(mode: Mode__Output | number): Mode {
  if (mode === 'MODE_PREVENT') return 'prevent'
  if (mode === 'MODE_DETECT') return 'detect'
  throw new ArgumentError('mode', 'MODE_PREVENT or MODE_DETECT', String(mode))
}

/** @throws ArgumentError `order` */
export function readOrder(order: TopOrder__Output | number): TopOrder {
  if (order === 'TOP_ORDER_UNSPECIFIED' || order === 'TOP_ORDER_BYTES') return 'bytes'
  if (order === 'TOP_ORDER_PACKETS') return 'packets'
  if (order === 'TOP_ORDER_FLOWS') return 'flows'
  throw new ArgumentError('order', 'TOP_ORDER_BYTES, TOP_ORDER_PACKETS or TOP_ORDER_FLOWS', String(order))
}
