/** Reads what idsctl noted of acts past the daemon, writes it into the audit, and takes the notes away. */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { AuditRow } from '../control/audit-row.js'
import { actorOf, decodePastAct, maxNoteBytes, type PastAct, pastActRow } from '../control/past-act.js'
import type { PastWord } from '../enforce/panic.js'
import { isDraft, isNote, isOpenToAll, mostNotes } from '../local/note-name.js'
import type { Store } from '../record/store.js'
import type { TrialRow } from '../record/trial-table.js'

export interface PastActs {
  /**
   * Takes what was noted since; what was taken before this explains nothing any more, and is taken away.
   * @throws StoreError
   */
  tick(): void
  /** The last act that began or ended a panic, when it is this one: see `PanicOptions.noted`. */
  panic(action: 'panic' | 'resume', untilBootUs: number): PastWord | undefined
  /** Whether who took this trial back left a note, which is in the audit. */
  hasRolledBack(trial: Pick<TrialRow, 'untilBootUs' | 'what'>): boolean
}

export interface PastActsOptions {
  /** The notes are beside it. */
  readonly socket: string
  /** Folder of this daemon's pins: notes of others are left to them. */
  readonly bpffs: string
  readonly bootId: string
  /** Last beat of the daemon before this one, CLOCK_BOOTTIME, us: what was done before it is known by that one. */
  readonly lastBeatBootUs: number
  readonly store: Pick<Store, 'auditRows' | 'trial'>
  readonly audit: (row: AuditRow) => void
  /** Wall time, ms. */
  readonly nowMs: () => number
}

/** Two readings of clocks that are not read at once, us. */
const toleranceUs = 2_000_000
/** A daemon that beats takes a note within so long, us. */
const takenWithinUs = 10_000_000
/** By then a draft is no longer being written, ms. */
const draftAgeMs = 60_000

export function createPastActs(options: PastActsOptions): PastActs {
  const { socket, bpffs, bootId, lastBeatBootUs, store, audit, nowMs } = options
  const folder = dirname(socket)
  let taken: PastAct[] = []
  /** Notes that are in the audit, and still there. */
  let told = new Set<string>()
  /** The trial that has just ended: the store has forgotten it. */
  let ended: Pick<TrialRow, 'untilBootUs' | 'what'> | undefined

  const tell = (act: PastAct) => {
    const row = pastActRow(act, whatOf(act))
    const { rows } = store.auditRows({ sinceMs: act.atMs, untilMs: act.atMs })
    // A daemon that ended here had told it already, and had perhaps not taken over what it explains.
    if (!rows.some(({ action, caller }) => action === row.action && caller === row.caller)) audit(row)
    taken.push(act)
  }

  const whatOf = ({ action, fromUs }: PastAct) => {
    if (action !== 'rollback') return ''
    const found = [ended, store.trial()].find((row) => row !== undefined && isSame(row.untilBootUs, fromUs))
    return found?.what ?? ''
  }

  const look = () => {
    const names = namesIn(folder)
    told = new Set([...told].filter((name) => names.includes(name)))
    for (const name of names) {
      const path = join(folder, name)
      if (isDraft(name)) removeOld(path, nowMs())
      if (!isNote(name) || told.has(name)) continue
      const text = readTrusted(path)
      if (text === undefined) continue
      const act = decodePastAct(text)
      if (act !== undefined && act.bpffs !== bpffs) continue
      if (act !== undefined) tell(act)
      told.add(name)
      // What explains something stays until that is taken over: a start may fail, and the next one asks again.
      if (act === undefined || !isFresh(act)) remove(path)
    }
  }

  /** What an earlier daemon could not take away explains nothing that came after; nor does the clock of another boot. */
  const isFresh = (act: PastAct) => act.bootId === bootId && act.atBootUs >= lastBeatBootUs - takenWithinUs

  const last = (isMeant: (act: PastAct) => boolean) => {
    try {
      look()
    } catch {
      // A change in the kernel is followed whatever the store says. The look by the clock tells of it.
    }
    return taken.filter((act) => isFresh(act) && isMeant(act)).at(-1)
  }

  return {
    tick() {
      taken = []
      for (const name of told) remove(join(folder, name))
      look()
    },
    panic(action, untilBootUs) {
      const act = last((one) => one.action !== 'rollback')
      if (act === undefined || act.action !== action) return undefined
      if (!isSame(action === 'panic' ? act.toUs : act.fromUs, untilBootUs)) return undefined
      return { atMs: act.atMs, by: actorOf(act), reason: act.reason }
    },
    hasRolledBack(trial) {
      ended = trial
      return (
        last(({ action, fromUs }) => action === 'rollback' && isSame(fromUs, trial.untilBootUs)) !== undefined
      )
    },
  }
}

function isSame(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= toleranceUs
}

/** In the order of time; none where everybody may put some. */
function namesIn(folder: string): string[] {
  try {
    if (isOpenToAll(statSync(folder))) return []
    const names = readdirSync(folder).filter((name) => isNote(name) || isDraft(name))
    return names.sort().slice(0, mostNotes)
  } catch {
    return []
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path)
  } catch {
    return undefined
  }
}

/** Text of a small file that only root or this user can have written; undefined for anything else. */
function readTrusted(path: string): string | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  let fd: number
  try {
    fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch {
    return undefined
  }
  try {
    const stat = fstatSync(fd)
    const isTrusted = (stat.uid === 0 || stat.uid === process.geteuid?.()) && (stat.mode & 0o022) === 0
    if (!stat.isFile() || stat.nlink !== 1 || !isTrusted) return undefined
    const bytes = Buffer.alloc(maxNoteBytes + 1)
    const length = readSync(fd, bytes)
    return length > maxNoteBytes ? undefined : bytes.toString('utf8', 0, length)
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

/** Not every folder is this user's: a start, which is root's, takes what is left. */
function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It is in the audit, and is known by that.
  }
}

/** What an idsctl that was killed had begun. */
function removeOld(path: string, nowMs: number): void {
  const stat = statOf(path)
  if (stat !== undefined && nowMs - stat.mtimeMs > draftAgeMs) remove(path)
}
