/** How a plan of what guards would refuse ends. */

import { CliError, EXIT } from './errors.js'
import { printable } from './output/printable.js'
import { count } from './output/units.js'

/** A plan of what a guard would refuse ends as that would. @throws CliError */
export function refusePlan(what: string, guards: readonly string[]): void {
  if (guards.length === 0) return
  const shown = guards.slice(0, MAX_GUARDS).map(printable)
  const rest = guards.length - shown.length
  throw new CliError(EXIT.refused, `${what} would be refused: ${shown.join('; ')}`, [
    ...(rest > 0 ? [`and ${count(rest)} more`] : []),
    'nothing was changed',
  ])
}

/** Guards of a refusal that are told in its message. */
const MAX_GUARDS = 3
