/**
 * What root did past the daemon, as idsctl notes it beside the socket: who and why, which the maps cannot tell. The
 * daemon that comes next, or goes on, writes it into the audit.
 */

import type { AuditRow } from './audit-row.js'
import { callerName, printable } from './caller.js'

export interface PastAct {
  readonly action: 'panic' | 'resume' | 'rollback'
  /** Wall time, ms. */
  readonly atMs: number
  /** CLOCK_BOOTTIME, us, in the boot of `bootId`: the clock of the two words. */
  readonly atBootUs: number
  readonly bootId: string
  /** Folder of the pins that were written into. */
  readonly bpffs: string
  /** Of who wrote them, with its name where it has one. */
  readonly uid: number
  readonly user: string
  /** Who was behind sudo; '' where nobody was. */
  readonly claim: string
  /** '' where none was given. */
  readonly reason: string
  /** End of the panic, or of the trial, before and after, us; 0 = there is none, Infinity = it has no end. */
  readonly fromUs: number
  readonly toUs: number
}

/** Longest note, bytes. */
export const maxNoteBytes = 4096
const maxReason = 200
/** Of the calendar, ms. */
const lastMs = 8_640_000_000_000_000
const actions = ['panic', 'resume', 'rollback'] as const
const numbers = ['atMs', 'atBootUs', 'uid', 'fromUs', 'toUs'] as const
const texts = ['bootId', 'bpffs', 'user', 'claim', 'reason'] as const
/** JSON knows no number for what never comes: it is null there. */
const ends: readonly string[] = ['fromUs', 'toUs']

export function encodePastAct(act: PastAct): string {
  const { user, claim, reason } = act
  const said = { user: printable(user), claim: printable(claim), reason: printable(reason, maxReason) }
  return JSON.stringify({ ...act, ...said })
}

/** @returns undefined for what is none, or not a whole one */
export function decodePastAct(text: string): PastAct | undefined {
  let found: unknown
  try {
    found = JSON.parse(text, (key, value) =>
      value === null && ends.includes(key) ? Number.POSITIVE_INFINITY : value,
    )
  } catch {
    return undefined
  }
  if (typeof found !== 'object' || found === null) return undefined
  const act = found as PastAct
  if (!actions.includes(act.action)) return undefined
  if (!numbers.every((key) => typeof act[key] === 'number' && act[key] >= 0)) return undefined
  // An end may be without end, a time may not.
  if (![act.atMs, act.atBootUs, act.uid].every(Number.isSafeInteger)) return undefined
  if (act.atMs > lastMs) return undefined
  if (!texts.every((key) => typeof act[key] === 'string')) return undefined
  return { ...act, reason: printable(act.reason, maxReason) }
}

/** Who did it, in one line: `uid:0 root (alice), past the daemon`. */
export function actorOf({ uid, user, claim }: PastAct): string {
  return `${callerName({ uid, user: user === '' ? undefined : user, text: claim })}, past the daemon`
}

/** @param what was on trial, in words; '' where that is not known */
export function pastActRow(act: PastAct, what: string): AuditRow {
  const { action, atMs, atBootUs, reason, fromUs, toUs } = act
  const until = (us: number) => {
    const wall = new Date(atMs + (us - atBootUs) / 1000)
    return Number.isNaN(wall.getTime()) ? '' : ` until ${wall.toISOString()}`
  }
  const panic = (us: number) => {
    if (us <= atBootUs) return 'enforcing'
    return `nothing is dropped${us === Number.POSITIVE_INFINITY ? ' until resumed' : until(us)}`
  }
  const named = what === '' ? 'a change' : what
  const words =
    action === 'rollback'
      ? { detail: named, before: `on trial${until(fromUs)}: ${named}`, after: `taken back: ${named}` }
      : { detail: panic(toUs), before: panic(fromUs), after: panic(toUs) }
  const base = { atMs, action, target: '', caller: actorOf(act), outcome: 'done', reason } as const
  return { ...base, ...words, decisionNumbers: [] }
}
