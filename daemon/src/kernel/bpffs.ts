/** The file system of pins. systemd mounts it at boot; where nothing did, idsd does. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmdirSync, rmSync, statfsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { IdsdError } from '../errors.js'

/** Source: linux/magic.h. */
const bpfFsMagic = 0xcafe4a11
/** Where bpffs belongs. Source: kernel Documentation/bpf. */
const usualPlace = '/sys/fs/bpf'

/** Folder of an interface's pins: a name in bpffs holds no dot. */
export function pinFolderOf(bpffs: string, name: string): string {
  return join(bpffs, name.replaceAll('.', '%2e'))
}

/** Name of the interface that a pin folder belongs to. */
export function interfaceOf(folder: string): string {
  return folder.replaceAll('%2e', '.')
}

/**
 * Names of the interfaces that have a folder of pins; none where there is no bpffs folder.
 * @throws the error of the system, e.g. EACCES: what may not be looked into is no empty folder
 */
export function pinnedNames(bpffs: string): string[] {
  try {
    return readdirSync(bpffs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => interfaceOf(name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Whether a folder lies on a bpffs. */
export function isBpffs(path: string): boolean {
  try {
    // The type is signed on some machines.
    return Number(statfsSync(path).type) >>> 0 === bpfFsMagic
  } catch {
    return false
  }
}

/** Makes the folder for an interface's pins. @throws IdsdError `ERR_BPFFS` when it cannot be on a bpffs */
export function makePinFolder(path: string): void {
  try {
    if ((path === usualPlace || path.startsWith(`${usualPlace}/`)) && !isBpffs(usualPlace)) {
      execFileSync('mount', ['-t', 'bpf', 'bpf', usualPlace], { stdio: 'pipe' })
    }
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new IdsdError(
      'ERR_BPFFS',
      `cannot make ${path} on a bpffs: mount -t bpf bpf ${usualPlace} (${(cause as Error).message.trim()})`,
      { cause },
    )
  }
  if (isBpffs(path)) return
  rmdirSync(path)
  throw new IdsdError('ERR_BPFFS', `${path} is not on a bpffs: paths.bpffs must lie below ${usualPlace}`)
}

/** Removes an interface's pins, and the folder above when that was the last. */
export function removePinFolder(path: string): void {
  rmSync(path, { recursive: true, force: true })
  removeEmptyPinFolder(path)
}

/** Removes the folder, and the one above, as far as they are empty. */
export function removeEmptyPinFolder(path: string): void {
  for (const folder of [path, dirname(path)]) {
    try {
      if (folder !== usualPlace) rmdirSync(folder)
    } catch {
      // Not empty, or not there.
    }
  }
}
