/** Numbers as people see them: `d12` is decision 12, `a7` alert 7, `f99` flow 99. */

import { ArgumentError } from '../errors.js'

export const decisionId = (number: number): string => (number === 0 ? '' : `d${number}`)
/** '' for an alert that the store did not take. */
export const alertId = (number: number): string => (number === 0 ? '' : `a${number}`)
export const flowId = (number: number): string => `f${number}`

/**
 * Number of a decision from `d12` or `12`.
 * @throws ArgumentError naming `field`
 */
export function readDecisionId(text: string, field: string): number {
  return readId(/^[dD]?([1-9][0-9]{0,14})$/, text, field, 'a decision id such as d12')
}

/**
 * Number of an alert from `a7` or `7`.
 * @throws ArgumentError naming `field`
 */
export function readAlertId(text: string, field: string): number {
  return readId(/^[aA]?([1-9][0-9]{0,14})$/, text, field, 'an alert id such as a7')
}

function readId(form: RegExp, text: string, field: string, expected: string): number {
  const digits = form.exec(text.trim())?.[1]
  if (digits === undefined) throw new ArgumentError(field, expected, JSON.stringify(text))
  return Number(digits)
}
