/** The generation on trial: changes are made in it alone, and at its end it becomes the confirmed one or never was. */

import type { ListChange } from '../lists/list-row.js'
import type { AllowChange, Allowlist } from './allowlist.js'
import type { Decision, Mode } from './decision.js'
import type { Held, HeldEntries } from './held-entries.js'
import { tryAll } from './try-all.js'
import type { WorldChange, Worlds } from './worlds.js'

/** What a trial changes, as it is stored. */
export interface TrialChange extends WorldChange {
  readonly allow: AllowChange
  /** Absent: no list is changed. */
  readonly lists?: ListChange
}

/** The part of an enforcer that a trial is made of: what is changed in it is in the generation on trial alone. */
export interface TrialWorld {
  /**
   * Runs changes and writes them into the maps, where nobody meets them before the deadline is written.
   * @throws what `work` throws; then `closeTrial` takes back what it did
   */
  draftTrial<T>(work: () => T): T
  trialChange(): TrialChange
  /**
   * What was on trial holds from here on, or never was.
   * @param isStored false: the store does not know of it
   * @throws the first fault, after all was tried: then `finishTrial` is due
   */
  closeTrial(isAdopted: boolean, isStored?: boolean): void
  /** Writes the entries that a closed trial left behind. @throws the first fault, after all were tried */
  finishTrial(): void
  /**
   * Goes on with what is done aside, after a trial was closed or before one begins. Absent: nothing is.
   * @returns whether nothing is left; else `Trial.watch` is due when it is done
   */
  settleTrial?(): boolean
}

export interface TrialWorldOptions {
  readonly worlds: Worlds
  readonly held: HeldEntries
  readonly allowlist: Pick<Allowlist, 'change' | 'close' | 'refresh'>
  /** A decision is in neither generation any more. @param isStored the store knows of it */
  readonly onGone: (decision: Decision, isStored: boolean) => void
  /** The mode in force is another one. */
  readonly onMode: (mode: Mode, before: Mode) => void
}

export function createTrialWorld(options: TrialWorldOptions): TrialWorld {
  const { worlds, held, allowlist, onGone, onMode } = options
  /** Targets whose entries a closed trial left to be written. */
  const unfinished = new Set<string>()

  /** Entries in which the two generations may differ. */
  const touched = ({ mode, added, lifted }: WorldChange): Iterable<Held> =>
    mode === undefined ? [...added, ...lifted].flatMap((number) => held.of(number) ?? []) : held.all.values()

  const world: TrialWorld = {
    draftTrial(work) {
      worlds.open()
      return worlds.draft(work)
    },
    trialChange: () => ({ ...worlds.change(), allow: allowlist.change() }),
    closeTrial(isAdopted, isStored = true) {
      const before = worlds.mode()
      const change = worlds.change()
      for (const { target } of touched(change)) unfinished.add(target.text)
      const gone = (isAdopted ? change.lifted : change.added).flatMap(
        (number) => held.of(number)?.decisions.get(number) ?? [],
      )
      worlds.close(isAdopted)
      try {
        tryAll(
          [
            () => allowlist.close(isAdopted),
            ...gone.map((decision) => () => onGone(decision, isStored)),
            () => world.finishTrial(),
          ],
          (work) => work(),
        )
      } finally {
        const after = worlds.mode()
        if (after !== before) onMode(after, before)
      }
    },
    finishTrial() {
      const write = (text: string) => () => {
        const entry = held.all.get(text)
        if (entry !== undefined) held.write(entry)
        unfinished.delete(text)
      }
      tryAll([() => allowlist.refresh(), ...[...unfinished].map(write)], (work) => work())
    },
  }
  return world
}
