/** Stops and resumes all enforcement past the daemon, by one write into each settings map that idsd pinned. */

import { KernelError } from '../errors.js'
import { readBootId } from '../host/boot-id.js'
import { openPins } from '../kernel/pinned-settings.js'
import { holdWords } from './hold-words.js'
import type { WrittenWords } from './written-words.js'

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
  set(forMs: number): WrittenWords
}

/** @throws KernelError `EPERM` or `EACCES` without the right to open the maps */
export function openPinnedPanic(options: PinnedPanicOptions): PinnedPanic {
  const { root, bpffs } = options
  const { pinned, bootUs } = openPins(root, bpffs)
  const fromUs = Math.max(0, ...pinned.map(({ settings }) => settings.panicUntilBootUs))
  return {
    names: pinned.map(({ name }) => name),
    leftMs: Math.max(0, fromUs - bootUs()) / 1000,
    set(forMs) {
      const atBootUs = Math.round(bootUs())
      const toUs = forMs === 0 ? 0 : atBootUs + Math.round(forMs * 1000)
      const write = (words: typeof pinned) => {
        const others = words.filter(({ settings }) => settings.panicUntilBootUs !== toUs)
        for (const { settings } of others) settings.panicUntilBootUs = toUs
        return others.length
      }
      write(pinned)
      const hold = () => holdWords(() => write(openPins(root, bpffs).pinned))
      return { fromUs: Math.round(fromUs), toUs, atBootUs, bootId: readBootId(), hold }
    },
  }
}

/** Whether the fault is that the caller may not open the pins. */
export function isForbidden(error: unknown): boolean {
  const { errnoName, code } = error as { errnoName?: string; code?: string }
  return ['EPERM', 'EACCES'].includes((error instanceof KernelError ? errnoName : code) ?? '')
}
