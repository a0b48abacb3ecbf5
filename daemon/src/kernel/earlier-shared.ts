/** Whose maps of an earlier idsd, those that all its interfaces shared, this one goes on with. */

import type { Binding } from './binding.js'
import { pinFolderOf, pinnedNames } from './bpffs.js'
import { type Earlier, openEarlier } from './earlier.js'

export interface EarlierPlace {
  readonly binding: Binding
  /** Folder of the pins. */
  readonly bpffs: string
  /** Of the interfaces that are guarded from here on, or `['any']`. */
  readonly names: readonly string[]
}

/**
 * Those of one of these interfaces, when no interface that is left alone uses them. Those of the others are read out.
 * @param own of the interface that is opened first
 * @returns `own` itself or another one, which is the caller's to close
 */
export function earlierShared(place: EarlierPlace, own: Earlier | undefined): Earlier | undefined {
  const { binding, bpffs, names } = place
  const found = own ?? firstEarlier(place)
  const id = found?.info('cpu')?.id
  if (found === undefined || names.includes('any') || id === undefined) return found
  for (const name of pinnedNames(bpffs).filter((pinned) => !names.includes(pinned))) {
    const other = openEarlier(binding, pinFolderOf(bpffs, name))
    const isTheirs = other?.info('cpu')?.id === id
    other?.close()
    if (!isTheirs) continue
    if (found !== own) found.close()
    return undefined
  }
  return found
}

function firstEarlier({ binding, bpffs, names }: EarlierPlace): Earlier | undefined {
  for (const name of names) {
    const found = openEarlier(binding, pinFolderOf(bpffs, name))
    if (found !== undefined) return found
  }
  return undefined
}
