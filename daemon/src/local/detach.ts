/** Takes idsd's programs off interfaces by their pins: no daemon is needed. */

import { everyPinnedName } from '../kernel/bpffs.js'
import { type DetachOptions, detachNames } from '../kernel/kernel.js'

/**
 * @param options `names` empty or with `any`: all that have pins
 * @returns names of the interfaces that had programs
 * @throws IdsdError when an idsd guards one of them
 */
export function detachAll({ names, ...options }: DetachOptions): string[] {
  const { bpffs } = options
  const pinned = everyPinnedName(bpffs)
  const wanted = names.length === 0 || names.includes('any') ? pinned : names
  return wanted.length === 0 ? [] : detachNames({ ...options, names: wanted })
}
