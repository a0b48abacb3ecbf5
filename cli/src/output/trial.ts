/** A change that is on trial: for people, and as a part of other documents. */

import type { Trial } from '../contract.js'
import type { Field } from './page.js'
import { printable } from './printable.js'
import type { Style } from './style.js'
import { localTime, utcMs } from './time.js'
import { counted } from './units.js'

/** Null when there is none. */
export function trialDocument(trial: Trial | null): Readonly<Record<string, string | number | null>> | null {
  if (trial === null) return null
  const { sinceMs, untilMs, leftMs, by, what, reason } = trial
  return {
    ...{ since: utcMs(sinceMs), until: utcMs(untilMs), seconds_left: leftMs / 1000 },
    ...{ by, what, reason: reason === '' ? null : reason },
  }
}

/** Lines of the answer to a change: until when, and how to keep it or take it back. */
export function trialFields(trial: Trial | null, dryRun: boolean, { colors }: Style): Field[] {
  if (trial === null) return []
  const { untilMs, leftMs } = trial
  const left = counted(Math.ceil(leftMs / 1000), 'second')
  if (dryRun) return [['on trial', `would be taken back after ${left} unless it is confirmed`]]
  return [
    ['on trial', colors.yellow(`until ${localTime(untilMs)} (${left}), then it is taken back by itself`)],
    ['keep it', 'idsctl confirm'],
    ['take back', 'idsctl rollback'],
  ]
}

/** For the page of the status: loud. */
export function trialText({ what, by, untilMs, leftMs }: Trial, { colors }: Style): string {
  const left = counted(Math.ceil(leftMs / 1000), 'second')
  const text = `${printable(what)}, by ${printable(by)}: taken back in ${left}, at ${localTime(untilMs)}`
  return colors.bold(colors.yellow(`${text}; idsctl confirm keeps it, idsctl rollback takes it back now`))
}
