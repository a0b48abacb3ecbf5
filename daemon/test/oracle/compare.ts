/** What two lists of flows differ in, in words. */

import type { Row } from './measure.js'

/** Relative above 1, absolute below. */
const tolerance = 1e-6

/** @returns one line for each flow that only one list has and each value that differs; none when all is equal */
export function differences(expected: readonly Row[], got: readonly Row[]): string[] {
  const waiting = new Map<string, Row[]>()
  for (const row of got) waiting.set(row.key, [...(waiting.get(row.key) ?? []), row])
  const lines = expected.flatMap((row) => {
    const other = waiting.get(row.key)?.shift()
    return other === undefined ? [`missing: ${row.key}`] : columnDifferences(row, other)
  })
  for (const rows of waiting.values()) lines.push(...rows.map((row) => `too many: ${row.key}`))
  return lines
}

function columnDifferences(expected: Row, got: Row): string[] {
  const names = new Set([...expected.columns.keys(), ...got.columns.keys()])
  return [...names].flatMap((name) => {
    const [want, have] = [expected.columns.get(name), got.columns.get(name)]
    const isClose =
      want !== undefined &&
      have !== undefined &&
      Math.abs(have - want) <= tolerance * Math.max(1, Math.abs(want))
    return isClose ? [] : [`${name}: ${have} instead of ${want} in ${expected.key}`]
  })
}
