/** The settings maps that idsd pinned, one for each interface: what an operator needs when the daemon does not answer. */

import { join } from 'node:path'
import type { Binding } from './binding.js'
import { kernelCall, loadBinding } from './binding.js'
import { pinFolderOf, pinnedNames } from './bpffs.js'
import { openEarlier } from './earlier.js'
import { openSettings, type Settings, type SettingsPlaces } from './settings.js'
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
    const folder = pinFolderOf(bpffs, name)
    const fd = kernelCall(() => binding.openPinned(join(folder, 'settings')))
    if (fd === undefined) return []
    try {
      const value = kernelCall(() => binding.mapLookup(fd, new Uint8Array(4)))
      const places = placesOf(binding, folder, value?.length)
      if (places === undefined) return []
      return [
        {
          name,
          settings: openSettings(
            kernelCall(() => binding.mapMemory(fd)),
            places,
          ),
        },
      ]
    } finally {
      binding.closeFd(fd)
    }
  })
}

/** Another version of idsd has its words elsewhere, as its description tells. */
function placesOf(binding: Binding, folder: string, size: number | undefined): SettingsPlaces | undefined {
  const earlier = openEarlier(binding, folder)
  const found = earlier?.description?.structs.settings
  earlier?.close()
  if (found === undefined) return size === layout.size ? layout.offset : undefined
  const at = (field: string) =>
    found.fields.find(([path, offset, bytes]) => path === field && bytes === 8 && offset % 8 === 0)?.[1]
  const [beatNs, leaseNs, panicUntilNs] = [at('beat_ns'), at('lease_ns'), at('panic_until_ns')]
  const isWhole = found.size === size && size % 8 === 0
  if (!isWhole || beatNs === undefined || leaseNs === undefined || panicUntilNs === undefined)
    return undefined
  return { beatNs, leaseNs, panicUntilNs, trialUntilNs: at('trial_until_ns') }
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
