/** Numbers as people see them: `d12` is decision 12, `a7` alert 7, `f99` flow 99. */

import { ArgumentError } from '../errors.js'

export const decisionId = (number: number): string => (number === 0 ? '' : `d${number}`)
export const alertId = (number: number): string => `a${number}`
export const flowId = (number: number): string => `f${number}`

/**
 * Number of a decision from `d12` or `12`.
 * @throws ArgumentError naming `field`
 */
export function readDecisionId(text: string, field: string): number {
  const digits = /^[dD]?([1-9][0-9]{0,14})$/.exec(text.trim())?.[1]
  if (digits === undefined) throw new ArgumentError(field, 'a decision id such as d12', JSON.stringify(text))
  return Number(digits)
}
