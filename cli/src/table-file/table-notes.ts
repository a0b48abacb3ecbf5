/** What is told of a table apart from the results: columns and cells that are not as the model wants them. */

import type { Bundle } from '../../../daemon/src/score/bundle.js'
import { count, counted } from '../output/units.js'
import type { ScoredTable } from './scored-table.js'

/** Columns that are told by name with their number of cells; of the others only how many there are. */
const toldColumns = 6

/** @param name of the file */
export function tableNotes(
  name: string,
  { features, missingFeatures }: Pick<Bundle, 'features' | 'missingFeatures'>,
  { places, tally, header }: ScoredTable,
): string[] {
  const notes: string[] = []
  const { missing, unused } = places
  if (missing.length > 0)
    notes.push(
      `${name}: ${counted(missing.length, 'feature')} of the model ${missing.length === 1 ? 'is' : 'are'} no column, ` +
        `0 in every row: ${missing.join(', ')}`,
    )
  const notInDaemon = missingFeatures.filter((feature) => !missing.includes(feature))
  if (notInDaemon.length > 0)
    notes.push(
      `${name}: idsd does not compute ${notInDaemon.join(', ')}: 0 in the daemon, here what the table has`,
    )
  if (unused.length > 0)
    notes.push(`${name}: ${unused.length} of ${counted(header.length, 'column')} not taken by the model`)
  const notFinite = cellsText(features, tally.notFinite)
  if (notFinite !== '') notes.push(`${name}: cells that are no finite number, taken as 0: ${notFinite}`)
  const belowZero = cellsText(features, tally.belowZero)
  if (belowZero !== '') notes.push(`${name}: cells below 0 where idsd never is, taken as 0: ${belowZero}`)
  if (tally.withoutFeatures > 0)
    notes.push(`${name}: ${counted(tally.withoutFeatures, 'row')} without any feature, not scored`)
  if (tally.oddScores > 0)
    notes.push(`${name}: ${counted(tally.oddScores, 'score')} of the model outside [0, 1], not used`)
  for (const { line, cells } of tally.firstWrong)
    notes.push(
      `${name}: line ${line}: ${counted(cells, 'cell')} where the header has ${header.length}: left out`,
    )
  const more = tally.wrongRows - tally.firstWrong.length
  if (more > 0) notes.push(`${name}: and ${counted(more, 'more row')} of another number of cells`)
  return notes
}

function cellsText(features: readonly string[], counts: Float64Array): string {
  const found = features.flatMap((feature, i) => {
    const cells = counts[i] as number
    return cells === 0 ? [] : [{ feature, cells }]
  })
  const most = found.toSorted((a, b) => b.cells - a.cells)
  const told = most.slice(0, toldColumns).map(({ feature, cells }) => `${feature} ${count(cells)}`)
  const others = most.slice(toldColumns).reduce((sum, { cells }) => sum + cells, 0)
  if (others > 0) told.push(`${count(others)} in ${counted(most.length - toldColumns, 'other column')}`)
  return told.join(', ')
}
