/** The change on trial as the pinned settings maps have it, and its end past the daemon, by one write into each. */

import { readBootId } from '../host/boot-id.js'
import { openPins } from '../kernel/pinned-settings.js'
import { holdWords } from './hold-words.js'
import type { WrittenWords } from './written-words.js'

export interface PinnedTrialOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  /** Folder of the pins, `paths.bpffs` of the daemon. */
  readonly bpffs: string
}

export interface PinnedTrial {
  /** Interfaces whose programs go on, alive daemon or not; empty when there are none. */
  readonly names: readonly string[]
  /** How long the change is in force unless it is confirmed, ms; 0 = none is on trial. */
  readonly leftMs: number
  /** It was confirmed, and the daemon had no time to make it so for good: its next start does. */
  readonly isConfirmed: boolean
  /** The programs do at once what they did before the change; what was confirmed stays. */
  rollBack(): WrittenWords
}

/** @throws KernelError `EPERM` or `EACCES` without the right to open the maps */
export function openPinnedTrial({ root, bpffs }: PinnedTrialOptions): PinnedTrial {
  const { pinned, bootUs } = openPins(root, bpffs)
  const nowUs = bootUs()
  const ends = pinned.map(({ settings }) => settings.trialUntilBootUs)
  const running = ends.filter((endUs) => Number.isFinite(endUs) && endUs > nowUs)
  return {
    names: pinned.map(({ name }) => name),
    leftMs: running.length === 0 ? 0 : (Math.max(...running) - nowUs) / 1000,
    isConfirmed: ends.includes(Number.POSITIVE_INFINITY),
    rollBack() {
      const write = (words: typeof pinned) => {
        const others = words.filter(
          ({ settings }) => Number.isFinite(settings.trialUntilBootUs) && settings.trialUntilBootUs !== 0,
        )
        for (const { settings } of others) settings.trialUntilBootUs = 0
        return others.length
      }
      write(pinned)
      // Another trial may have begun since, of somebody whom a daemon answers again.
      const hold = () =>
        holdWords(() =>
          write(
            openPins(root, bpffs).pinned.filter(({ settings }) => ends.includes(settings.trialUntilBootUs)),
          ),
        )
      const fromUs = Math.round(Math.max(0, ...running))
      return { fromUs, toUs: 0, atBootUs: Math.round(bootUs()), bootId: readBootId(), hold }
    },
  }
}
