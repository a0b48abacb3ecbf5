/** Takes idsd's programs off interfaces by their pins: no daemon is needed. */

import { existsSync, readdirSync } from 'node:fs'
import { interfaceOf } from '../kernel/bpffs.js'
import { type DetachOptions, detachNames } from '../kernel/kernel.js'

/**
 * @param options `names` empty or with `any`: all that have pins
 * @returns names of the interfaces that had programs
 * @throws IdsdError when an idsd guards one of them
 */
export function detachAll({ names, ...options }: DetachOptions): string[] {
  const { bpffs } = options
  const pinned = existsSync(bpffs) ? readdirSync(bpffs).map(interfaceOf) : []
  const wanted = names.length === 0 || names.includes('any') ? pinned : names
  return wanted.length === 0 ? [] : detachNames({ ...options, names: wanted })
}
