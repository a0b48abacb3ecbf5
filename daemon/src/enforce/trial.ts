/**
 * A change with a deadline: it is a second generation of what is enforced, and one word in the kernel says until when
 * that one is in force. Past it the programs use the confirmed generation again, whether a daemon lives or not. The store
 * knows what is on trial, so that the next start goes on with it, keeps it, or takes it back.
 */

import { NotFoundError, RefusedError } from '../errors.js'
import type { TrialRow } from '../record/trial-table.js'
import type { Clock } from './change.js'
import { storeConfirmed, storeRolledBack, type TrialStore } from './settle-trial.js'
import type { TrialChange, TrialWorld } from './trial-world.js'

export interface TrialState {
  /** Wall time, ms. */
  readonly sinceMs: number
  readonly untilMs: number
  /** By the kernel's clock, ms. */
  readonly leftMs: number
  readonly by: string
  /** What was done, in words. */
  readonly what: string
  /** '' where none was given. */
  readonly reason: string
}

/**
 * How a trial ended: `over`: its time ran out; `past`: its word in the kernel was changed past the daemon; `found`: so a
 * start found it.
 */
export type TrialEnd = 'confirmed' | 'rolled_back' | 'over' | 'past' | 'found'

export interface TrialOrder {
  /** How long, ms. */
  readonly forMs: number
  readonly by: string
  readonly what: string
  readonly reason: string
  /** As in `TrialRow`. */
  readonly applied?: string | null
}

export interface Trial {
  /** Undefined when there is none, or its time is over. */
  readonly state: TrialState | undefined
  /** What it changes; undefined without one. */
  readonly change: TrialChange | undefined
  /**
   * Runs changes of enforcement that hold until the deadline only, unless they are confirmed.
   * @throws RefusedError when one runs already; what `change` throws, and StoreError: then nothing was changed
   */
  begin<T>(order: TrialOrder, change: () => T): T
  /** What is on trial holds from here on. @throws NotFoundError when there is none */
  confirm(): TrialState
  /** What is on trial is gone at once. @throws NotFoundError when there is none */
  rollback(): TrialState
  /**
   * Before entries are loaded: ends what an earlier run left, or goes on with it.
   * @param pinnedUntilBootUs as the pins of that run have it; undefined without pins
   * @returns the trial that goes on, for `Enforcer.restore`
   * @throws StoreError
   */
  restore(pinnedUntilBootUs: number | undefined): TrialRow | undefined
  /**
   * Ends what is over, sees to a look at the deadline of what is not, and goes on with what failed before.
   * @throws KernelError, StoreError
   */
  watch(): void
  /** Looks no more by itself when the deadline comes; the trial goes on in the kernel and in the store. */
  close(): void
}

export interface TrialOptions {
  readonly settings: { trialUntilBootUs: number }
  /** Asked when there is something to be done. */
  readonly enforcer: () => TrialWorld
  readonly store: TrialStore
  readonly clock: Clock
  /** Names this boot: CLOCK_BOOTTIME begins anew with each. */
  readonly bootId: string
  readonly onBegin?: (trial: TrialState) => void
  /** The enforcer has it already; settings that were applied follow. @param trial as it was */
  readonly onEnd: (trial: TrialState, how: TrialEnd, row: TrialRow) => void
  /** A trial could not begin: the enforcer has taken back what was done, settings follow. */
  readonly onUndone?: () => void
  /** It has ended, though the store or the kernel did not take all of it; `watch` tries again. */
  readonly onFault: (fault: Error) => void
}

const UNSETTLED =
  'the entries of another trial are being written, or lists made ready for one: try again in a moment'

export function createTrial(options: TrialOptions): Trial {
  const { settings, store, clock, bootId, onEnd, onFault } = options
  let running: TrialRow | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false
  /** What is left to be done of a trial that has ended, in order. One that returns false is not done yet. */
  let rest: (() => unknown)[] = []

  const stateOf = ({ sinceMs, untilBootUs, by, what, reason }: TrialRow): TrialState => {
    const leftMs = Math.max(0, (untilBootUs - clock.bootUs()) / 1000)
    return { sinceMs, untilMs: Math.round(clock.nowMs() + leftMs), leftMs, by, what, reason }
  }

  /**
   * Settings and mode follow the kernel at the deadline. A timer counts whole milliseconds, and may ring almost one too
   * early: `watch` then sets it anew.
   */
  const lookAtDeadline = (row: TrialRow) => {
    if (timer !== undefined || isClosed) return
    timer = setTimeout(() => {
      timer = undefined
      try {
        trial.watch()
      } catch (fault) {
        onFault(fault as Error)
      }
    }, stateOf(row).leftMs + 1)
    timer.unref()
  }

  const lookNoMore = () => {
    clearTimeout(timer)
    timer = undefined
  }

  const isOver = (row: TrialRow) => clock.bootUs() >= row.untilBootUs

  const wordBack = () => {
    settings.trialUntilBootUs = 0
  }

  /** Does what is left, in order; a step that fails is done again later. */
  const goOn = () => {
    while (rest[0] !== undefined) {
      if (rest[0]() === false) return
      rest.shift()
    }
  }

  const settle = () => options.enforcer().settleTrial?.() ?? true

  const end = (row: TrialRow, how: TrialEnd): TrialState => {
    const state = stateOf(row)
    const isAdopted = how === 'confirmed'
    // One write, and the programs of every interface do the one or the other.
    settings.trialUntilBootUs = isAdopted ? Number.POSITIVE_INFINITY : 0
    running = undefined
    lookNoMore()
    let isTrialClosed = false
    const close = () => {
      if (isTrialClosed) return options.enforcer().finishTrial()
      isTrialClosed = true
      options.enforcer().closeTrial(isAdopted)
    }
    rest = isAdopted
      ? // The word goes back when every entry does in both generations what was confirmed.
        [
          () => storeConfirmed(store, row, clock.nowMs()),
          close,
          settle,
          wordBack,
          () => store.saveTrial(undefined),
        ]
      : // A full disk keeps nothing on trial; the next start reads in the pins that it is over.
        [close, () => storeRolledBack(store, row, clock.nowMs()), settle]
    try {
      goOn()
    } catch (fault) {
      onFault(fault as Error)
    }
    onEnd(state, how, row)
    return state
  }

  const current = (): TrialRow => {
    trial.watch()
    if (running !== undefined) return running
    throw new NotFoundError('no change is on trial: there is nothing to confirm or to roll back')
  }

  const trial: Trial = {
    get state() {
      return running === undefined || isOver(running) ? undefined : stateOf(running)
    },
    get change() {
      return running === undefined ? undefined : options.enforcer().trialChange()
    },
    begin({ forMs, applied, ...order }, change) {
      trial.watch()
      if (running !== undefined) throw whileTrial(stateOf(running))
      // Its deadline would put in force what is not meant by it.
      if (rest.length > 0 || !settle()) throw new RefusedError(UNSETTLED, [UNSETTLED])
      let row: TrialRow | undefined
      try {
        const made = store.transaction(() => {
          const result = options.enforcer().draftTrial(change)
          row = {
            state: 'running',
            ...order,
            sinceMs: clock.nowMs(),
            untilBootUs: clock.bootUs() + forMs * 1000,
            bootId,
            change: options.enforcer().trialChange(),
            ...(applied === undefined ? {} : { applied }),
          }
          store.saveTrial(row)
          return result
        })
        running = row as TrialRow | undefined
        settings.trialUntilBootUs = (running as TrialRow).untilBootUs
        lookAtDeadline(running as TrialRow)
        options.onBegin?.(stateOf(running as TrialRow))
        return made
      } catch (error) {
        rest = [() => options.enforcer().finishTrial(), settle]
        try {
          options.enforcer().closeTrial(false, false)
          options.onUndone?.()
          goOn()
        } catch (fault) {
          onFault(fault as Error)
        }
        throw error
      }
    },
    confirm: () => end(current(), 'confirmed'),
    rollback: () => end(current(), 'rolled_back'),
    restore(pinnedUntilBootUs) {
      // The settings came over with the word of the earlier run: without a trial nobody would take it back.
      wordBack()
      const row = store.trial()
      if (row === undefined) return undefined
      const nowMs = clock.nowMs()
      if (row.state === 'confirmed') {
        store.saveTrial(undefined)
        return undefined
      }
      const state = stateOf(row)
      if (pinnedUntilBootUs === Number.POSITIVE_INFINITY) {
        // The operator's word reached the kernel and nothing else.
        storeConfirmed(store, row, nowMs)
        store.saveTrial(undefined)
        onEnd(state, 'confirmed', row)
        return undefined
      }
      const untilBootUs = pinnedUntilBootUs ?? (row.bootId === bootId ? row.untilBootUs : 0)
      if (untilBootUs <= clock.bootUs()) {
        storeRolledBack(store, row, nowMs)
        onEnd(state, untilBootUs === 0 && row.bootId === bootId ? 'found' : 'over', row)
        return undefined
      }
      running = { ...row, untilBootUs }
      // What follows the kernel at the deadline is not all there yet: `watch` looks at it.
      settings.trialUntilBootUs = untilBootUs
      return running
    },
    watch() {
      if (rest.length > 0) goOn()
      if (running === undefined) return
      if (isOver(running)) end(running, 'over')
      else if (settings.trialUntilBootUs === 0) end(running, 'past')
      else lookAtDeadline(running)
    },
    close() {
      isClosed = true
      lookNoMore()
    },
  }
  return trial
}

/** One change is on trial at a time, and what it changes is changed by nobody else meanwhile. */
export function whileTrial({ what, by, leftMs }: TrialState): RefusedError {
  const text =
    `another change is on trial for ${Math.ceil(leftMs / 1000)} s more (${what}, by ${by}): ` +
    'idsctl confirm keeps it, idsctl rollback takes it back'
  return new RefusedError(text, [text])
}
