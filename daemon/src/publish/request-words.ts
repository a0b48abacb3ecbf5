/** Enum values of requests as words of the rooms; an unknown number arrives as it is and is refused. */

import type { Action, Limit, Mode } from '../enforce/decision.js'
import { ArgumentError } from '../errors.js'
import { ACTIONS } from './enum-words.js'
import type { Action__Output } from './generated/idsd/v1/Action.js'
import type { Limit__Output } from './generated/idsd/v1/Limit.js'
import type { Mode__Output } from './generated/idsd/v1/Mode.js'
import type { TopOrder__Output } from './generated/idsd/v1/TopOrder.js'
import type { TopOrder } from './top-sources.js'

/** @throws ArgumentError `action` */
export function readAction(action: Action__Output | number): Action {
  if (action === 'ACTION_UNSPECIFIED') return 'drop'
  const [found] = actions.find(([, message]) => message === action) ?? []
  if (found !== undefined) return found
  throw new ArgumentError('action', actions.map(([, message]) => message).join(', '), String(action))
}

const actions = Object.entries(ACTIONS) as [Action, string][]

/** @returns undefined where none is given. @throws ArgumentError `limit.unit` */
export function readLimit(limit: Limit__Output | null | undefined): Limit | undefined {
  if (limit === null || limit === undefined) return undefined
  const { unit, perSecond } = limit
  if (unit === 'LIMIT_UNIT_PACKETS') return { unit: 'packets', perSecond }
  if (unit === 'LIMIT_UNIT_BITS') return { unit: 'bits', perSecond }
  throw new ArgumentError('limit.unit', 'LIMIT_UNIT_PACKETS or LIMIT_UNIT_BITS', String(unit))
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
