/** What pinned maps hold about an address: read without a daemon, and nothing is changed. */

import { join } from 'node:path'
import type { Target } from '../policy/address.js'
import { type AddressTrace, openAddressTrace } from './address-trace.js'
import type { Binding } from './binding.js'
import { kernelCall, loadBinding } from './binding.js'
import { pinFolderOf, pinnedNames } from './bpffs.js'
import type { Clocks } from './kernel.js'
import { findListed } from './list-slots.js'
import type { TableList } from './list-table.js'
import { actionOf, withLists } from './listed-fate.js'
import { openSettings } from './settings.js'

export interface PinnedTrace {
  /** Interface whose pins these are. */
  readonly interface: string
  /** Programs stand on an interface that is there: what the maps say is enforced. */
  readonly isAttached: boolean
  /** Entries of decisions; what becomes of packets, by these and by lists. */
  readonly trace: AddressTrace
  /** Imported lists that hold all of it. */
  readonly lists: readonly TableList[]
}

export interface PinnedTraceOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  /** Folder of the daemon's pins. */
  readonly bpffs: string
}

/**
 * @returns one for each interface that has pins; none where no idsd left any
 * @throws KernelError or the error of the system, e.g. EPERM or EACCES without root; IdsdError `ERR_WIRE` when the maps are of an idsd with other entries
 */
export function tracePins(
  { root, bpffs }: PinnedTraceOptions,
  target: Target,
): { readonly clocks: Clocks; readonly traces: readonly PinnedTrace[] } {
  const binding = loadBinding(root)
  return {
    clocks: binding.clocks(),
    traces: pinnedNames(bpffs).flatMap((name) => {
      const folder = pinFolderOf(bpffs, name)
      const found = traceFolder(binding, folder, target)
      return found === undefined
        ? []
        : [{ interface: name, isAttached: isAttached(binding, folder), ...found }]
    }),
  }
}

/** Undefined where a folder has no maps. */
function traceFolder(
  binding: Binding,
  folder: string,
  target: Target,
): Pick<PinnedTrace, 'trace' | 'lists'> | undefined {
  const open = new Map<string, number>()
  const fdOf = (map: string): number => {
    const known = open.get(map) ?? kernelCall(() => binding.openPinned(join(folder, map)))
    if (known === undefined) throw new MissingPin()
    open.set(map, known)
    return known
  }
  try {
    const trace = openAddressTrace(binding, { fd: fdOf })(target)
    const lists = findListed(binding, { fd: fdOf }, target)
    const { bootUs } = binding.clocks()
    const { panicUntilBootUs } = openSettings(kernelCall(() => binding.mapMemory(fdOf('settings'))))
    return { trace: withLists(trace, actionOf(lists, bootUs), bootUs < panicUntilBootUs), lists }
  } catch (error) {
    if (error instanceof MissingPin) return undefined
    throw error
  } finally {
    for (const fd of open.values()) binding.closeFd(fd)
  }
}

/** A link that outlived its interface stands on none. Before kernel 6.6 the egress filter has no link: XDP's tells. */
function isAttached(binding: Binding, folder: string): boolean {
  const fd = kernelCall(() => binding.openPinned(join(folder, 'xdp_link')))
  if (fd === undefined) return false
  try {
    return binding.linkInfo(fd).ifindex !== 0
  } finally {
    binding.closeFd(fd)
  }
}

class MissingPin extends Error {}
