/** Takes idsd's programs off interfaces by their pins: no daemon is needed. */

import { existsSync, readdirSync } from 'node:fs'
import { interfaceOf } from '../kernel/bpffs.js'
import { detachNames } from '../kernel/kernel.js'

export interface DetachOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  readonly bpffs: string
  /** Interfaces; empty or `any`: all that have pins. */
  readonly names: readonly string[]
}

/** @returns names of the interfaces that had programs */
export function detachAll({ root, bpffs, names }: DetachOptions): string[] {
  const pinned = existsSync(bpffs) ? readdirSync(bpffs).map(interfaceOf) : []
  return detachNames(root, bpffs, names.length === 0 || names.includes('any') ? pinned : names)
}
