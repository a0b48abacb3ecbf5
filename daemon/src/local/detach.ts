/** Takes idsd's programs off interfaces by their pins: no daemon is needed. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { detachInterface } from '../kernel/attachment.js'
import { kernelCall, loadBinding } from '../kernel/binding.js'
import { pinFolderOf } from '../kernel/interface-set.js'

export interface DetachOptions {
  /** Folder that holds `build/`. */
  readonly root: string
  readonly bpffs: string
  /** Interfaces; empty or `any`: all that have pins. */
  readonly names: readonly string[]
}

/** @returns names of the interfaces that had programs */
export function detachAll({ root, bpffs, names }: DetachOptions): string[] {
  const binding = loadBinding(root)
  const pinned = existsSync(bpffs) ? readdirSync(bpffs).map((folder) => folder.replaceAll('%2e', '.')) : []
  const wanted = names.length === 0 || names.includes('any') ? pinned : names
  const indices = new Map(kernelCall(() => binding.interfaces()).map(({ name, index }) => [name, index]))
  return wanted.filter((name) => detachInterface(binding, indices.get(name), join(pinFolderOf(bpffs, name))))
}
