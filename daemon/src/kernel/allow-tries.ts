/** The allow entries in the tries of both families. */

import type { Target } from '../policy/address.js'
import { type Binding, kernelCall } from './binding.js'
import type { Generations } from './block-list.js'
import type { DataPath } from './data-path.js'
import { trieKey } from './trie-key.js'
import { allowEntry } from './wire.js'

export interface AllowTries {
  /** @throws KernelError ENOSPC when there is no room */
  set(target: Target, number: number, generations: Generations): void
  /** @returns whether the kernel held it */
  remove(target: Target): boolean
  /** Whether the kernel holds the entry of exactly this target. */
  isLoaded(target: Target): boolean
  /** Whether it was put in, by text. */
  has(text: string): boolean
  readonly size: number
}

export function openAllowTries(binding: Binding, path: DataPath): AllowTries {
  /** Numbers of the entries, by text. */
  const numbers = new Map<string, number>()
  const fdOf = ({ family }: Target) => path.fd(`allows${family}`)

  return {
    set(target, number, { confirmed, trial }) {
      const value = new Uint8Array(allowEntry.size)
      const view = new DataView(value.buffer)
      allowEntry.set.number(view, 0, number)
      allowEntry.set.confirmed(view, 0, confirmed ? 1 : 0)
      allowEntry.set.trial(view, 0, trial ? 1 : 0)
      allowEntry.set.prefix(view, 0, target.prefix)
      kernelCall(() => binding.mapUpdate(fdOf(target), trieKey(target), value, 0))
      numbers.set(target.text, number)
    },
    remove(target) {
      numbers.delete(target.text)
      return kernelCall(() => binding.mapDelete(fdOf(target), trieKey(target)))
    },
    isLoaded(target) {
      const value = kernelCall(() => binding.mapLookup(fdOf(target), trieKey(target)))
      // A wider entry answers for one that is gone: the number tells them apart.
      return (
        value !== undefined &&
        allowEntry.get.number(new DataView(value.buffer), 0) === numbers.get(target.text)
      )
    },
    has: (text) => numbers.has(text),
    get size() {
      return numbers.size
    },
  }
}
