/** The rows as people read them. */

import type { AbsentRow, Row } from './measure.js'

const widths = [25, 9, 18, 8, 9, 20, 8] as const

function line(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[i]!))).join('')
}

function number(value: number | null, digits: number): string {
  return value === null ? '-' : value.toFixed(value < 1e4 ? digits : 0)
}

export function formatHeader(): string {
  return line(['row', 'base', 'value', 'ratio', 'goal', 'quartiles', ''])
}

export function formatRow({ name, unit, base, value, ratio, goal, ok, p25, p75 }: Row): string {
  const spread = `${number(p25, 2)} - ${number(p75, 2)}`
  const verdict = goal === null ? '' : ok ? 'ok' : 'MISSED'
  const measured = `${number(value, 1)} ${unit}`
  return line([name, number(base, 1), measured, number(ratio, 2), number(goal, 1), spread, verdict])
}

export function formatAbsent({ name, why }: AbsentRow): string {
  return `${name.padEnd(widths[0])} absent: ${why}`
}
