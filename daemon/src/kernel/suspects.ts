/** Tells the kernel which sources already hold evidence, so that their next packets are told at once. */

import type { Target } from '../policy/address.js'
import type { Binding } from './binding.js'
import { kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import { addressBytes } from './exact-hash.js'
import { settings } from './wire.js'

export interface Suspects {
  /** Makes the kernel's set equal to these, as far as there is room. */
  set(sources: ReadonlyMap<string, Target>): void
}

export function openSuspects(binding: Binding, path: DataPath): Suspects {
  const fd = path.fd('suspects')
  const room = path.maxEntries('suspects')
  const loaded = new DataView(kernelCall(() => binding.mapMemory(path.fd('settings'))))
  const held = new Map<string, Uint8Array>()
  const one = new Uint8Array(4)
  return {
    set(sources) {
      for (const [text, key] of held) {
        if (sources.has(text)) continue
        kernelCall(() => binding.mapDelete(fd, key))
        held.delete(text)
      }
      for (const [text, target] of sources) {
        if (held.has(text) || held.size >= room) continue
        const key = addressBytes(target.bytes)
        kernelCall(() => binding.mapUpdate(fd, key, one, 0))
        held.set(text, key)
      }
      settings.set.suspects(loaded, 0, held.size)
    },
  }
}
