/**
 * The two generations of what is enforced: the confirmed one, and the one on trial while there is a trial. Which decision
 * is in which, and the mode of each. Without a trial they are one.
 */

import type { Mode } from './decision.js'

export type World = 'confirmed' | 'trial'

/** What the generation on trial has and the confirmed one has not, or the reverse. */
export interface WorldChange {
  /** Of the trial; absent: the same. */
  readonly mode?: Mode
  /** Decisions that are in the trial only. */
  readonly added: readonly number[]
  /** Decisions that the trial lifted: in the confirmed generation only. */
  readonly lifted: readonly number[]
}

export interface Worlds {
  /** The one that is in force. */
  readonly now: World
  /** There is a trial, or one is being made. */
  readonly isOpen: boolean
  /** What is changed now is changed in the trial only. */
  readonly isDrafting: boolean
  /** Begins a trial, with what an earlier run changed in it. */
  open(change?: WorldChange): void
  /** Runs changes that are the trial's alone. */
  draft<T>(work: () => T): T
  /** Of the world in force where none is named. */
  mode(world?: World): Mode
  setMode(mode: Mode): void
  has(world: World, decision: number): boolean
  membership(decision: number): 'both' | World
  add(decision: number): void
  lift(decision: number): void
  forget(decision: number): void
  change(): WorldChange
  /** Ends the trial: its changes hold from here on, or never were. @returns what they were */
  close(isAdopted: boolean): WorldChange
}

export function createWorlds(mode: Mode): Worlds {
  let confirmedMode = mode
  let trialMode: Mode | undefined
  let isOpen = false
  let isDrafting = false
  let added = new Set<number>()
  let lifted = new Set<number>()

  const worlds: Worlds = {
    get now() {
      return isOpen ? 'trial' : 'confirmed'
    },
    get isOpen() {
      return isOpen
    },
    get isDrafting() {
      return isDrafting
    },
    open(change) {
      isOpen = true
      trialMode = change?.mode
      added = new Set(change?.added)
      lifted = new Set(change?.lifted)
    },
    draft(work) {
      isDrafting = true
      try {
        return work()
      } finally {
        isDrafting = false
      }
    },
    mode: (world = worlds.now) => (world === 'trial' ? (trialMode ?? confirmedMode) : confirmedMode),
    setMode(next) {
      if (isDrafting) trialMode = next === confirmedMode ? undefined : next
      else confirmedMode = next
    },
    has: (world, decision) => !(world === 'trial' ? lifted : added).has(decision),
    membership(decision) {
      if (added.has(decision)) return 'trial'
      return lifted.has(decision) ? 'confirmed' : 'both'
    },
    add: (decision) => void added.add(decision),
    lift: (decision) => void lifted.add(decision),
    forget(decision) {
      added.delete(decision)
      lifted.delete(decision)
    },
    change: () => ({
      ...(trialMode === undefined ? {} : { mode: trialMode }),
      added: [...added],
      lifted: [...lifted],
    }),
    close(isAdopted) {
      const change = worlds.change()
      if (isAdopted && trialMode !== undefined) confirmedMode = trialMode
      trialMode = undefined
      added = new Set()
      lifted = new Set()
      isOpen = false
      return change
    },
  }
  return worlds
}
