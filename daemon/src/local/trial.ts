/** The change on trial as the pinned settings maps have it, and its end past the daemon, by one write into each. */

import { openPins } from '../kernel/pinned-settings.js'

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
  rollBack(): void
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
      for (const { settings } of pinned) {
        if (Number.isFinite(settings.trialUntilBootUs)) settings.trialUntilBootUs = 0
      }
    },
  }
}
