/** Where a table says what its rows are. */

import { CliError, EXIT } from '../errors.js'
import { printable } from '../output/printable.js'

export interface LabelColumns {
  readonly label: number
  /** -1 where the table has none: then the label is the family. */
  readonly family: number
}

/** Columns that are named when the one of the label is not there: it is often the last. */
const toldColumns = 6

/**
 * Case matters only where two columns differ in nothing else.
 * @param family undefined takes `Family` where there is one
 * @throws CliError when a column that was asked for is not there
 */
export function labelColumns(
  name: string,
  header: readonly string[],
  label: string,
  family: string | undefined,
): LabelColumns {
  const column = (wanted: string) => {
    const exact = header.indexOf(wanted.trim())
    if (exact !== -1) return exact
    return header.findIndex((each) => each.toLowerCase() === wanted.trim().toLowerCase())
  }
  const absent = (wanted: string, option: string) =>
    new CliError(EXIT.error, `${name}: no column ${wanted}`, [
      `its last columns: ${printable(header.slice(-toldColumns).join(', '))}`,
      `${option} names another one`,
    ])
  const at = column(label)
  if (at === -1) throw absent(label, '--label')
  const familyAt = column(family ?? 'Family')
  if (familyAt === -1 && family !== undefined) throw absent(family, '--family')
  return { label: at, family: familyAt }
}
