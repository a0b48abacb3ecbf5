/** Finds a column by either of its names: that of the CIC-IDS2017 tables, or the corrected CICFlowMeter's. */

import { featureColumns, featureIndex } from '../features/columns.js'

const byEngelenName = new Map(featureColumns.map(({ engelenName }, index) => [engelenName, index]))

/**
 * @param name blanks around it do not matter: the published tables have them
 * @returns index into `featureColumns`; undefined when idsd does not compute it
 */
export function columnNamed(name: string): number | undefined {
  const trimmed = name.trim()
  return featureIndex(trimmed) ?? byEngelenName.get(trimmed)
}
