/** Keys that hold a time: a number in their unit, or a length of time in words. */

import { z } from 'zod'
import { durationMs } from '../duration.js'

const unitsMs: ReadonlyMap<string, number> = new Map([
  ['milliseconds', 1],
  ['seconds', 1_000],
  ['days', 86_400_000],
])

/** What `schema` takes; where the unit is one of time, a text such as `10m` too, which becomes a number in that unit. */
export function orTime(schema: z.ZodType<number>, unit: string): z.ZodType<number> {
  const unitMs = unitsMs.get(unit)
  if (unitMs === undefined) return schema
  return z.preprocess((written) => {
    const ms = typeof written === 'string' ? durationMs(written) : undefined
    return ms === undefined ? written : ms / unitMs
  }, schema)
}

/** For the words that say what was expected. */
export function timeWords(unit: string): string {
  return unitsMs.has(unit) ? ', or a time such as "90s" or "1 day"' : ''
}
