/** A change that takes effect for good, or on trial where the caller asked for that. */

import { type Trial, type TrialOrder, type TrialState, whileTrial } from '../enforce/trial.js'
import { RefusedError } from '../errors.js'

type Trials = { readonly trial?: Pick<Trial, 'state' | 'change' | 'begin'> | undefined }

export interface Changed<T> {
  readonly made: T
  /** What the change is on trial for; undefined when it is for good. */
  readonly trial: TrialState | undefined
}

/**
 * The same commands; each finds ended what is over in the kernel, and takes nothing of it for what is in force.
 * @param commands functions that need no `this`
 */
export function afterTrial<T extends object>(
  commands: T,
  trial: { readonly watch: Trial['watch'] } | undefined,
): T {
  if (trial === undefined) return commands
  const settle = () => {
    try {
      trial.watch()
    } catch {
      // What hinders it is told by the look at the trial each second, and keeps no command from its work.
    }
  }
  const after = Object.entries(commands).map(([name, run]) => [
    name,
    (...given: unknown[]) => {
      settle()
      return run(...given)
    },
  ])
  return Object.fromEntries(after) as T
}

/**
 * @param order `forMs` 0 = for good
 * @throws what `change` throws; RefusedError when another change is on trial already
 */
export function changeOrTry<T>({ trial }: Trials, order: TrialOrder, change: () => T): Changed<T> {
  if (order.forMs === 0) return { made: change(), trial: undefined }
  if (trial === undefined)
    throw new RefusedError('nothing can be on trial here', ['nothing can be on trial here'])
  const made = trial.begin(order, change)
  return { made, trial: trial.state }
}

/** What a dry run shows: when the trial would end. @throws RefusedError as `changeOrTry` */
export function trialToBe({ trial }: Trials, order: TrialOrder, nowMs: number): TrialState | undefined {
  if (order.forMs === 0) return undefined
  if (trial?.state !== undefined) throw whileTrial(trial.state)
  const { forMs, by, what, reason } = order
  return { sinceMs: nowMs, untilMs: nowMs + forMs, leftMs: forMs, by, what, reason }
}

/** For the audit: '' when the change is for good. */
export function trialInWords(trial: TrialState | undefined): string {
  return trial === undefined ? '' : `; on trial until ${new Date(trial.untilMs).toISOString()}`
}
