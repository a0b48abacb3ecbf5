/** Lists that the daemon imports by itself, as documents and in words. */

import type { ScheduledImport } from '../contract.js'
import type { Document } from './print.js'
import { utcMs } from './time.js'
import { counted, relative } from './units.js'

/** `idsd.scheduled_list.v1`. */
export function scheduledDocument(scheduled: ScheduledImport): Document {
  return {
    schema: 'idsd.scheduled_list.v1',
    name: scheduled.name,
    source: scheduled.source,
    every_s: scheduled.everyS,
    next_at: utcMs(scheduled.dueAtMs),
    running: scheduled.running,
    failed_times: scheduled.failedTimes,
    failed_since: utcMs(scheduled.failedSinceMs),
    problem: scheduled.problem === '' ? null : scheduled.problem,
  }
}

/** What somebody should know of a scheduled list; undefined when all is as it should be. */
export function scheduledInWords(
  { name, failedTimes, failedSinceMs, problem, running, dueAtMs }: ScheduledImport,
  isHeld: boolean,
  nowMs: number,
): string | undefined {
  if (failedTimes === 0) return isHeld ? undefined : `${name} was not imported yet`
  const stays = isHeld ? 'the list before stays' : 'there is no list before'
  const next = running ? 'tried again right now' : `tried again ${relative(dueAtMs, nowMs)}`
  const times = `${counted(failedTimes, 'import')} failed since ${relative(failedSinceMs, nowMs)}`
  return `${name}: ${times} (${problem}); ${stays}, ${next}`
}
