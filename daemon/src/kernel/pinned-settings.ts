/** The settings maps that idsd pinned, one for each interface: what an operator needs when the daemon does not answer. */

import { join } from 'node:path'
import type { Binding } from './binding.js'
import { kernelCall, loadBinding } from './binding.js'
import { pinFolderOf, pinnedNames } from './bpffs.js'
import { openSettings, type Settings } from './settings.js'
import { settings as layout } from './wire.js'

export interface PinnedSettings {
  /** Name of the interface. */
  readonly name: string
  readonly settings: Settings
}

/**
 * @param bpffs folder that holds a folder of pins for each interface
 * @throws KernelError `EPERM`, or the error of the system, e.g. EACCES, without the right to open them
 */
export function openPinnedSettings(binding: Binding, bpffs: string): PinnedSettings[] {
  return pinnedNames(bpffs).flatMap((name) => {
    const fd = kernelCall(() => binding.openPinned(join(pinFolderOf(bpffs, name), 'settings')))
    if (fd === undefined) return []
    try {
      // A map of another layout has its words elsewhere.
      const value = kernelCall(() => binding.mapLookup(fd, new Uint8Array(4)))
      if (value?.length !== layout.size) return []
      return [{ name, settings: openSettings(kernelCall(() => binding.mapMemory(fd))) }]
    } finally {
      binding.closeFd(fd)
    }
  })
}

/**
 * The same for who has no daemon.
 * @param root folder that holds `build/`
 * @returns with the clock of the words, CLOCK_BOOTTIME, us
 * @throws as `openPinnedSettings`
 */
export function openPins(root: string, bpffs: string): { pinned: PinnedSettings[]; bootUs: () => number } {
  const binding = loadBinding(root)
  return { pinned: openPinnedSettings(binding, bpffs), bootUs: () => binding.clocks().bootUs }
}
