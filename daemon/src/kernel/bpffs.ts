/** The file system of pins. systemd mounts it at boot; where nothing did, idsd does. */

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmdirSync, statfsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { IdsdError } from '../errors.js'

/** Source: linux/magic.h. */
const bpfFsMagic = 0xcafe4a11
/** Where bpffs belongs: only root may look into it. Source: kernel Documentation/bpf. */
export const usualPlace = '/sys/fs/bpf'

/** Folder of an interface's pins: a name in bpffs holds no dot. */
export function pinFolderOf(bpffs: string, name: string): string {
  return join(bpffs, name.replaceAll('.', '%2e'))
}

/** Name of the interface that a pin folder belongs to. */
export function interfaceOf(folder: string): string {
  return folder.replaceAll('%2e', '.')
}

/** Pins that are made and not yet in force. No interface has a name with this character: the kernel takes it for a pattern. */
const nextMark = '%next'
/** Pins of maps whose flows and records were not all told yet. */
const lastMark = '%last'

/** Folder of the pins that take the place of an interface's when all are there. */
export function nextFolderOf(folder: string): string {
  return `${folder}${nextMark}`
}

/** Folders of pins that gave way, of one interface; none for who may not look. */
export function lastFoldersOf(folder: string): string[] {
  const start = `${basename(folder)}${lastMark}`
  try {
    return namesIn(dirname(folder))
      .filter((name) => name.startsWith(start))
      .map((name) => join(dirname(folder), name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return []
    throw error
  }
}

/** Where the next pins that give way go. */
export function freeLastFolderOf(folder: string): string {
  let number = 1
  while (existsSync(`${folder}${lastMark}${number}`)) number++
  return `${folder}${lastMark}${number}`
}

/**
 * Names of the interfaces of which there are pins of any kind, half starts included; none where there is no bpffs folder.
 * @throws as `pinnedNames`
 */
export function everyPinnedName(bpffs: string): string[] {
  const names = namesIn(bpffs).map((name) => interfaceOf(name.replace(/%(?:next|last\d+)$/, '')))
  return [...new Set(names)]
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/**
 * Names of the interfaces that have a folder of pins; none where there is no bpffs folder.
 * @throws the error of the system, e.g. EACCES: what may not be looked into is no empty folder
 */
export function pinnedNames(bpffs: string): string[] {
  try {
    return readdirSync(bpffs, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !/%(?:next|last\d+)$/.test(entry.name))
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
  let made: string | undefined
  try {
    if ((path === usualPlace || path.startsWith(`${usualPlace}/`)) && !isBpffs(usualPlace)) {
      execFileSync('mount', ['-t', 'bpf', 'bpf', usualPlace], { stdio: 'pipe' })
    }
    made = mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new IdsdError(
      'ERR_BPFFS',
      `cannot make ${path} on a bpffs: mount -t bpf bpf ${usualPlace} (${(cause as Error).message.trim()})`,
      { cause },
    )
  }
  if (isBpffs(path)) return
  if (made !== undefined) rmdirSync(path)
  const named = path.endsWith(nextMark) ? path.slice(0, -nextMark.length) : path
  throw new IdsdError('ERR_BPFFS', `${named} is not on a bpffs: paths.bpffs must lie below ${usualPlace}`)
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
