/** Stops and resumes all enforcement past the daemon, by one write into each settings map that idsd pinned. */

import { KernelError } from '../errors.js'
import { openPins } from '../kernel/pinned-settings.js'

export interface PinnedPanicOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  /** Folder of the pins, `paths.bpffs` of the daemon. */
  readonly bpffs: string
}

export interface PinnedPanic {
  /** Interfaces whose programs go on, alive daemon or not; empty when there is nothing to stop. */
  readonly names: readonly string[]
  /** How long the panic goes on, ms; 0 = there is none, Infinity = until it is ended. */
  readonly leftMs: number
  /** @param forMs as `leftMs`; 0 ends it */
  set(forMs: number): void
}

/** @throws KernelError `EPERM` or `EACCES` without the right to open the maps */
export function openPinnedPanic({ root, bpffs }: PinnedPanicOptions): PinnedPanic {
  const { pinned, bootUs } = openPins(root, bpffs)
  const untilUs = Math.max(0, ...pinned.map(({ settings }) => settings.panicUntilBootUs))
  return {
    names: pinned.map(({ name }) => name),
    leftMs: Math.max(0, untilUs - bootUs()) / 1000,
    set(forMs) {
      const endUs = forMs === 0 ? 0 : bootUs() + forMs * 1000
      for (const { settings } of pinned) settings.panicUntilBootUs = endUs
    },
  }
}

/** Whether the fault is that the caller may not open the pins. */
export function isForbidden(error: unknown): boolean {
  const { errnoName, code } = error as { errnoName?: string; code?: string }
  return ['EPERM', 'EACCES'].includes((error instanceof KernelError ? errnoName : code) ?? '')
}
