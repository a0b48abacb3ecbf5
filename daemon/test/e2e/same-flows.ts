/** What the flows of a daemon differ in from those of the capture that was sent through it, in words. */

import { featureColumns } from '../../src/features/columns.js'
import type { ExtractedRow, FlowRow } from './flow-rows.js'

/** `extract` leaves ICMPv6 out. */
const icmpv6 = / 58$/
/** Times and gaps may differ by so much, us. */
const toleranceUs = 2_000

export interface Comparing {
  /** Time of the first packet of the capture, and the time at which it was sent, us since 1970. */
  readonly capturedUs: number
  readonly sentUs: number
  /** Columns that are not compared. */
  readonly without?: ReadonlySet<string>
}

/**
 * Five-tuple, counts, lengths, headers and flags must be equal, as far as 32 bits of a stored feature tell; times and gaps
 * within 2 ms. A rate is a count over a time: the time it stands for is compared.
 * @returns one line for each flow that only one side has and for each value that differs; none when all is the same
 */
export function flowDifferences(
  expected: readonly ExtractedRow[],
  got: readonly FlowRow[],
  comparing: Comparing,
): string[] {
  const waiting = new Map<string, FlowRow[]>()
  for (const row of inOrder(got).filter(({ tuple }) => !icmpv6.test(tuple))) {
    waiting.set(row.tuple, [...(waiting.get(row.tuple) ?? []), row])
  }
  const lines = inOrder(expected).flatMap((row) => {
    const other = waiting.get(row.tuple)?.shift()
    return other === undefined ? [`missing: ${row.tuple}`] : rowDifferences(row, other, comparing)
  })
  for (const rows of waiting.values()) lines.push(...rows.map(({ tuple }) => `too many: ${tuple}`))
  return lines
}

function inOrder<Row extends FlowRow>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.startUs - b.startUs)
}

function rowDifferences(expected: ExtractedRow, got: FlowRow, comparing: Comparing): string[] {
  const { capturedUs, sentUs, without = new Set() } = comparing
  const lines: string[] = []
  const differ = (name: string, have: unknown, want: unknown) =>
    lines.push(`${name}: ${have} instead of ${want} in ${expected.tuple}`)
  const compareTimes = (name: string, have: number, want: number) => {
    if (!(Math.abs(have - want) <= toleranceUs)) differ(name, have, want)
  }

  for (const name of ['startUs', 'lastUs'] as const) {
    if (!without.has(name)) compareTimes(name, got[name] - sentUs, expected[name] - capturedUs)
  }
  for (const [name, want] of expected.told) {
    if (got.told.get(name) !== want) differ(name, got.told.get(name), want)
  }
  for (const { name, unit } of featureColumns) {
    const [have, want] = [got.features.get(name), expected.features.get(name) as number]
    if (without.has(name)) continue
    if (have === undefined) differ(name, 'nothing', want)
    else if (unit === 'us') compareTimes(name, have, want)
    else if (unit === '/s' || unit === 'B/s') {
      const amount = amountOf(name, expected)
      compareTimes(name, timeUs(have, amount), timeUs(want, amount))
    } else if (have !== Math.fround(want)) differ(name, have, want)
  }
  return lines
}

/** What a column of rates counts. */
function amountOf(name: string, { told, bulkBytes }: ExtractedRow): number {
  const count = (way: string, what: string) => Number(told.get(`${what}_${way}`))
  const amounts: Readonly<Record<string, number>> = {
    'Flow Bytes/s': count('fwd', 'bytes') + count('bwd', 'bytes'),
    'Flow Packets/s': count('fwd', 'packets') + count('bwd', 'packets'),
    'Fwd Packets/s': count('fwd', 'packets'),
    'Bwd Packets/s': count('bwd', 'packets'),
    'Fwd Avg Bulk Rate': bulkBytes[0],
    'Bwd Avg Bulk Rate': bulkBytes[1],
  }
  const amount = amounts[name]
  if (amount === undefined) throw new Error(`${name}: a rate of what?`)
  return amount
}

/** How long it takes to come to `amount` at this rate, us. A rate of 0 or -1 says that no time passed. */
function timeUs(rate: number, amount: number): number {
  if (rate === -1 || rate === 0) return 0
  return (amount / rate) * 1e6
}
