/**
 * The panic: while it lasts nothing is dropped, though decisions go on being made. Its end lives in the kernel, where an
 * operator may change it past the daemon; who began it, when and why lives in the store.
 */

import type { PanicRow } from '../record/panic-table.js'
import type { Clock } from './change.js'

export interface PanicState {
  /** Wall time, ms. */
  readonly sinceMs: number
  /** Wall time, ms; 0 = until it is ended. */
  readonly untilMs: number
  readonly by: string
  /** '' where none was given. */
  readonly reason: string
}

export interface PanicChange {
  /** Undefined: there is none from here on. */
  readonly panic: PanicState | undefined
  readonly before: PanicState | undefined
  /**
   * `asked`: by `begin` or `end`; `past`: in the kernel, past the daemon; `noted`: so too, and who did it left a note,
   * which is in the audit; `over`: its time ran out.
   */
  readonly how: 'asked' | 'past' | 'noted' | 'over'
}

/** Who wrote into the maps, as the note beside the socket tells. */
export interface PastWord {
  readonly atMs: number
  readonly by: string
  readonly reason: string
}

export interface Panic {
  /** Undefined when there is none. */
  readonly state: PanicState | undefined
  /**
   * Nothing is dropped from here on, whether or not the store takes it.
   * @param order `forMs` 0 = until it is ended
   */
  begin(order: { readonly forMs: number; readonly by: string; readonly reason: string }): PanicState
  end(): void
  /**
   * Takes over what an earlier run left: to be called before the programs are attached, and once more when the pins of
   * before were written meanwhile.
   * @param pinnedUntilBootUs as the pins have it, which count more than the store; undefined without pins
   * @param set writes it into all maps. Default: the kernel's
   */
  restore(pinnedUntilBootUs: number | undefined, set?: (untilBootUs: number) => void): void
  /** Takes over what was changed past the daemon, ends what is over, stores what was not stored. @throws StoreError */
  watch(): void
}

export interface PanicOptions {
  readonly kernel: {
    readonly settings: { readonly panicUntilBootUs: number }
    setPanic(untilBootUs: number, insteadOfBootUs?: number): void
  }
  readonly store: { panic(): PanicRow | undefined; savePanic(row: PanicRow | undefined): void }
  readonly clock: Clock
  /**
   * The note of what was done past the daemon last.
   * @param untilBootUs end of the panic that was begun, or resumed from
   * @returns undefined without a note of it. Default: there are none
   */
  readonly noted?: (action: 'panic' | 'resume', untilBootUs: number) => PastWord | undefined
  readonly onChange: (change: PanicChange) => void
  /** The store did not take it; `watch` tries again. */
  readonly onUnstored: (fault: Error) => void
}

/** Who writes into the maps and leaves no note is not known, but for the right that it takes. */
const pastDaemon = 'root, past the daemon'
/** Two readings of clocks that are not read at once, us. */
const toleranceUs = 2_000_000

interface Held {
  readonly sinceMs: number
  readonly by: string
  readonly reason: string
  /** CLOCK_BOOTTIME, us; Infinity = until it is ended. */
  readonly untilBootUs: number
}

export function createPanic(options: PanicOptions): Panic {
  const { kernel, store, clock, noted = () => undefined, onChange, onUnstored } = options
  let held: Held | undefined
  /** What the store has; another end once the wall clock was set. */
  let stored: PanicRow | undefined

  const wallOf = (bootUs: number) =>
    bootUs === Number.POSITIVE_INFINITY ? 0 : Math.round(clock.nowMs() + (bootUs - clock.bootUs()) / 1000)

  const stateOf = (one: Held | undefined): PanicState | undefined =>
    one && { sinceMs: one.sinceMs, untilMs: wallOf(one.untilBootUs), by: one.by, reason: one.reason }

  const isStored = (state: PanicState | undefined) => {
    if (state === undefined || stored === undefined) return state === stored
    const { sinceMs, by, reason, untilMs } = stored
    return (
      sinceMs === state.sinceMs &&
      by === state.by &&
      reason === state.reason &&
      (untilMs === 0) === (state.untilMs === 0) &&
      Math.abs(untilMs - state.untilMs) * 1000 <= toleranceUs
    )
  }

  const save = () => {
    const state = stateOf(held)
    if (isStored(state)) return
    store.savePanic(state)
    stored = state
  }

  const change = (next: Held | undefined, how: PanicChange['how']) => {
    const before = stateOf(held)
    held = next
    try {
      save()
    } catch (fault) {
      onUnstored(fault as Error)
    }
    onChange({ panic: stateOf(held), before, how })
  }

  const isSameEnd = (a: number, b: number) => a === b || Math.abs(a - b) <= toleranceUs

  /** What the kernel's word means now: 0 when it is over. */
  const running = (untilBootUs: number) => (untilBootUs > clock.bootUs() ? untilBootUs : 0)

  const adopt = (untilBootUs: number) => {
    const note = noted('panic', untilBootUs)
    const { atMs: sinceMs, by, reason } = note ?? { atMs: clock.nowMs(), by: pastDaemon, reason: '' }
    change({ sinceMs, by, reason, untilBootUs }, note === undefined ? 'past' : 'noted')
  }

  const endedPast = ({ untilBootUs }: Held) =>
    change(undefined, noted('resume', untilBootUs) === undefined ? 'past' : 'noted')

  /** The note is written after the word. */
  const nameActor = (one: Held) => {
    const note = noted('panic', one.untilBootUs)
    if (note === undefined) return
    held = { ...one, sinceMs: note.atMs, by: note.by, reason: note.reason }
    save()
  }

  return {
    get state() {
      return held !== undefined && running(held.untilBootUs) > 0 ? stateOf(held) : undefined
    },
    begin({ forMs, by, reason }) {
      const untilBootUs = forMs === 0 ? Number.POSITIVE_INFINITY : Math.round(clock.bootUs() + forMs * 1000)
      kernel.setPanic(untilBootUs)
      const next = { sinceMs: clock.nowMs(), by, reason, untilBootUs }
      change(next, 'asked')
      return stateOf(next) as PanicState
    },
    end() {
      kernel.setPanic(0)
      if (held !== undefined) change(undefined, 'asked')
    },
    restore(pinnedUntilBootUs, set = kernel.setPanic) {
      stored = store.panic()
      if (stored !== undefined) {
        const { untilMs, ...rest } = stored
        // A machine without a clock of its own may boot in the past.
        const leftMs = Math.min(untilMs - clock.nowMs(), untilMs - stored.sinceMs)
        const leftUs = untilMs === 0 ? Number.POSITIVE_INFINITY : leftMs * 1000
        held = { ...rest, untilBootUs: clock.bootUs() + leftUs }
      }
      const untilBootUs = running(pinnedUntilBootUs ?? held?.untilBootUs ?? 0)
      set(untilBootUs)
      if (untilBootUs > 0) {
        // One without an end looks like the next.
        const isSame = held !== undefined && isSameEnd(held.untilBootUs, untilBootUs)
        // Its end is the kernel's to the microsecond: by the wall clock it would seem to be ended early, or late.
        if (isSame && held !== undefined) held = { ...held, untilBootUs }
        if (!isSame || noted('panic', untilBootUs) !== undefined) adopt(untilBootUs)
        else onChange({ panic: stateOf(held), before: stateOf(held), how: 'asked' })
      } else if (held !== undefined) {
        if (running(held.untilBootUs) > 0) endedPast(held)
        else change(undefined, 'over')
      }
    },
    watch() {
      const untilBootUs = running(kernel.settings.panicUntilBootUs)
      if (untilBootUs === 0 && held !== undefined) {
        const isOver = running(held.untilBootUs) === 0
        kernel.setPanic(0, held.untilBootUs)
        if (isOver) change(undefined, 'over')
        else endedPast(held)
      } else if (untilBootUs > 0 && (held === undefined || !isSameEnd(held.untilBootUs, untilBootUs))) {
        adopt(untilBootUs)
      } else {
        save()
        if (held?.by === pastDaemon) nameActor(held)
      }
    },
  }
}
