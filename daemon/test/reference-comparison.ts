/** Rows of flows against the values that independent programs compute, column by column, for tests. */

import { parseTarget } from '../src/policy/address.js'
import { referenceRows } from './reference.js'

/** Relative above 1, absolute below. */
export const tolerance = 1e-6

export interface ColumnFault {
  readonly flows: number
  readonly got: number
  readonly expected: number
  readonly flow: string
}

export interface ColumnReach {
  /** Flows of which the column was compared. */
  readonly flows: number
  /** Largest difference, relative above 1, absolute below. */
  readonly largest: number
}

export interface Comparison {
  /** Flows of the reference that no row names. */
  readonly missing: readonly string[]
  /** Rows that name no flow of the reference. */
  readonly extra: readonly string[]
  /** By column: how many flows differ, and the first of them. */
  readonly faults: ReadonlyMap<string, ColumnFault>
  /** By column. */
  readonly reach: ReadonlyMap<string, ColumnReach>
}

/** By the name of a column in the reference. */
export type FlowValues = (column: string) => number

/** How the reference names a flow: five-tuple, first and last microsecond. Addresses are in canonical text. */
export function flowName(cell: (column: string) => string | number): string {
  const names = ['Src IP', 'Src Port', 'Dst IP', 'Dst Port', 'Protocol', 'start_us', 'last_us']
  return names.map(cell).join(' ')
}

/** @param rows by `flowName` @param columns that are compared */
export function compareWithReference(
  capture: string,
  rows: ReadonlyMap<string, FlowValues>,
  columns: readonly string[],
): Comparison {
  const missing: string[] = []
  const faults = new Map<string, ColumnFault>()
  const reach = new Map<string, ColumnReach>()
  const left = new Set(rows.keys())
  for (const expected of referenceRows(capture)) {
    const flow = flowName((name) => {
      const text = expected.get(name) as string
      return name.endsWith(' IP') ? parseTarget(text, name).text : text
    })
    const row = rows.get(flow)
    if (row === undefined || !left.delete(flow)) {
      missing.push(flow)
      continue
    }
    for (const column of columns) {
      const want = Number(expected.get(column))
      const got = row(column)
      const difference = Math.abs(got - want) / Math.max(1, Math.abs(want))
      const { flows, largest } = reach.get(column) ?? { flows: 0, largest: 0 }
      reach.set(column, { flows: flows + 1, largest: Math.max(largest, difference) })
      // A value that is no number differs from every other.
      if (difference <= tolerance) continue
      const before = faults.get(column) ?? { flows: 0, got, expected: want, flow }
      faults.set(column, { ...before, flows: before.flows + 1 })
    }
  }
  return { missing, extra: [...left], faults, reach }
}

/** One line for each thing that differs; '' when nothing does. */
export function comparisonFaults({ missing, extra, faults }: Comparison): string {
  const some = (title: string, keys: readonly string[]) =>
    keys.length === 0 ? [] : [`${keys.length} ${title}, the first: ${keys[0]}`]
  return [
    ...some('flows of the reference without a row', missing),
    ...some('rows without a flow of the reference', extra),
    ...[...faults].map(
      ([column, { flows, got, expected, flow }]) =>
        `${column.padEnd(28)} ${flows} flows differ; ${got} instead of ${expected} in ${flow}`,
    ),
  ].join('\n')
}
