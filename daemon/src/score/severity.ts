/** How severe a hit of the model is: levels of its manifest, from the score alone. */

import type { Severity } from '../detect/evidence.js'

/** A severity and the lowest score that has it. */
export interface SeverityLevel {
  readonly severity: Severity
  /** In [0, 1]. */
  readonly from: number
}

/** From least to most. */
const severityNames: readonly Severity[] = ['low', 'medium', 'high', 'critical']

/**
 * Reads the manifest's `severity`: an object from severity to lowest score. Severities that it leaves out never occur.
 * @param value undefined: every hit is low
 * @returns ascending; or what is wrong with it, in words
 */
export function severityLevels(value: unknown): readonly SeverityLevel[] | string {
  if (value === undefined) return [{ severity: 'low', from: 0 }]
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `an object from ${severityNames.join(', ')} to the lowest score of each is needed`
  const given = value as Record<string, unknown>
  const stranger = Object.keys(given).find((name) => !severityNames.some((known) => known === name))
  if (stranger !== undefined) return `${stranger} is none of ${severityNames.join(', ')}`
  const levels: SeverityLevel[] = []
  for (const severity of severityNames) {
    const from = given[severity]
    if (from === undefined) continue
    if (typeof from !== 'number' || !(from >= 0 && from <= 1))
      return `${severity}: a number in [0, 1] is needed, got ${String(from)}`
    const before = levels.at(-1)
    if (before !== undefined && from < before.from)
      return `${severity}: ${from} is below ${before.severity}, ${before.from}`
    levels.push({ severity, from })
  }
  return levels.length === 0 ? 'at least one severity is needed' : levels
}

/** The highest level that the score reaches; the lowest one for a score below all. */
export function severityOf(levels: readonly SeverityLevel[], score: number): Severity {
  return (levels.findLast(({ from }) => score >= from) ?? levels[0])?.severity ?? 'low'
}
