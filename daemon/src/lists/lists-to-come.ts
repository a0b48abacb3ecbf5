/** The scheduled lists that settings would bring, read as an import would read them; nothing is imported. */

import type { Config } from '../config/config.js'
import type { ListToCome } from '../plan/plan-settings.js'
import type { Protection } from '../policy/guards.js'
import { tooWideInWords } from './list-words.js'
import type { Prepared, PrepareJob } from './prepare.js'
import { doingOf, type ScheduledList } from './schedule.js'

export interface ListsToComeOptions {
  readonly protections: (callerPeer: string) => readonly Protection[]
  readonly prepare: (job: PrepareJob, signal: AbortSignal) => Promise<Prepared>
  /** What a list holds, as bytes. @throws IdsdError where it cannot be read */
  readonly read: (list: ScheduledList, limits: Config['lists'], signal: AbortSignal) => Promise<Uint8Array>
  /** Aborts when the daemon stops. */
  readonly signal: AbortSignal
}

export interface ListsAsked {
  /** Far end of the caller's own session; '' when there is none. */
  readonly callerPeer: string
  /** Files that the caller names may be read: who only looks must not see through idsd what he may not read. */
  readonly mayRead: boolean
}

export interface ScheduleChange {
  /** New ones, and those whose words changed: they are due at once. */
  readonly come: readonly ScheduledList[]
  /** Names of those that are imported no more. */
  readonly left: readonly string[]
}

/** What another schedule changes. */
export function scheduleChange(
  now: readonly ScheduledList[],
  next: readonly ScheduledList[],
): ScheduleChange {
  const known = new Map(now.map((list) => [list.name, JSON.stringify(list)]))
  const names = new Set(next.map(({ name }) => name))
  return {
    come: next.filter((list) => known.get(list.name) !== JSON.stringify(list)),
    left: now.map(({ name }) => name).filter((name) => !names.has(name)),
  }
}

/** One after another, each read when it is asked for. */
export async function* listsToCome(
  { protections, prepare, read, signal }: ListsToComeOptions,
  lists: readonly ScheduledList[],
  limits: Config['lists'],
  { callerPeer, mayRead }: ListsAsked,
): AsyncGenerator<ListToCome> {
  for (const list of lists) {
    const { name, format, column } = list
    const doing = doingOf(list)
    const whyNot = unread(list, mayRead)
    if (whyNot !== undefined) {
      yield { name, ...doing, problem: whyNot }
      continue
    }
    try {
      const text = await read(list, limits, signal)
      const source = { text, format, column: column ?? undefined, maxBytes: limits.maxBytes }
      const job = {
        source,
        protections: protections(callerPeer),
        isForced: false,
        allows: [],
        before: undefined,
      }
      const { entries, faultCount, refusedCount, covered } = await prepare(job, signal)
      const tooWide = tooWideInWords(doing, covered)
      if (tooWide !== undefined) {
        yield { name, ...doing, problem: `its import would be refused: ${tooWide}` }
        continue
      }
      yield { name, ...doing, entries, badLines: faultCount, refused: refusedCount }
    } catch (error) {
      yield { name, ...doing, problem: (error as Error).message }
    }
  }
}

function unread({ file }: ScheduledList, mayRead: boolean): string | undefined {
  if (file === null) return 'a command: it is run when it is imported, not for a plan'
  return mayRead ? undefined : `${file} is read for operators only`
}
