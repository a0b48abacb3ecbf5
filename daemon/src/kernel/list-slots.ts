/** The map `listed`: a slot for the table of each generation. */

import { IdsdError } from '../errors.js'
import type { Target } from '../policy/address.js'
import { type Binding, kernelCall } from './binding.js'
import type { DataPath } from './data-path.js'
import type { ListGeneration } from './list-maps.js'
import { type ListTable, openListTable, type TableList } from './list-table.js'
import { Listed, settings } from './wire.js'

/** A table in the kernel. */
export interface LoadedTable {
  readonly fd: number
  /** Tells it from all tables there ever were: above 0, below 2^48. */
  readonly number: number
  readonly table: ListTable
}

/** Slots of the map. */
export const slots: Record<ListGeneration, number> = { confirmed: 0, trial: 1 }

/** @param fd of a table @throws KernelError; IdsdError `ERR_WIRE` when another version of idsd made it */
export function openTable(binding: Binding, fd: number): ListTable {
  return openListTable((first, count) => kernelCall(() => binding.readLines(fd, first, count)))
}

/**
 * What an earlier idsd left in maps that outlived it. Opening it needs CAP_SYS_ADMIN.
 * @returns undefined where there is nothing, or nothing that can be read
 */
export function openSlot(
  binding: Binding,
  outer: number,
  generation: ListGeneration,
): LoadedTable | undefined {
  let fd: number | undefined
  try {
    fd = kernelCall(() => binding.openInner(outer, slots[generation]))
    return fd === undefined ? undefined : { fd, number: 0, table: openTable(binding, fd) }
  } catch (error) {
    if (!(error instanceof IdsdError)) throw error
    if (fd !== undefined) binding.closeFd(fd)
    return undefined
  }
}

/** Whether the generation on trial has lists of its own, and is in force. @param words memory of the map `settings` */
export function isTrialInForce(binding: Binding, words: DataView): boolean {
  const hasLists = (settings.get.lists(words, 0) & Listed.trial) !== 0
  return hasLists && binding.clocks().bootUs * 1000 < settings.get.trialUntilNs(words, 0)
}

/**
 * The lists in force that hold an address or prefix, by the maps alone: pins of a daemon that is dead.
 * @throws KernelError, e.g. EPERM without CAP_SYS_ADMIN; IdsdError `ERR_WIRE` when another version of idsd made the table
 */
export function findListed(
  binding: Binding,
  maps: Pick<DataPath, 'fd'>,
  target: Target,
): readonly TableList[] {
  const words = new DataView(kernelCall(() => binding.mapMemory(maps.fd('settings'))))
  const slot = slots[isTrialInForce(binding, words) ? 'trial' : 'confirmed']
  const fd = kernelCall(() => binding.openInner(maps.fd('listed'), slot))
  if (fd === undefined) return []
  try {
    return openTable(binding, fd).find(target)
  } finally {
    binding.closeFd(fd)
  }
}
