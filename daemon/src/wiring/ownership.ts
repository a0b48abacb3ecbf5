/** Hands files and folders to the user that the daemon becomes, also those that a daemon of root left. */

import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lchownSync,
  openSync,
  readdirSync,
  statSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants

/**
 * Gives a regular file away. What is a link, or has a second name, is left alone: it may be anybody's. A file that is not
 * there is none of its business.
 */
export function giveFile(path: string, owner: Owner): void {
  giveOpened(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, owner, (stat) => stat.isFile() && stat.nlink === 1)
}

/** Gives away a folder that carries idsd's name; another one, such as /var/lib, stays whose it is. */
export function giveFolder(path: string, owner: Owner): void {
  if (!basename(path).startsWith('idsd')) return
  giveOpened(path, O_RDONLY | O_NOFOLLOW | O_DIRECTORY, owner, (stat) => stat.isDirectory())
}

/** Gives away the files of a folder whose names match. */
export function giveFiles(folder: string, matches: (name: string) => boolean, owner: Owner): void {
  for (const name of namesIn(folder)) if (matches(name)) giveFile(join(folder, name), owner)
}

/** Gives away a folder of pins with all that is in it: only root, and whom it is given to, can put something there. */
export function givePins(folder: string, owner: Owner): void {
  for (const name of namesIn(folder)) givePins(join(folder, name), owner)
  lchownSync(folder, owner.uid, owner.gid)
}

/** Whether the owner may make and rename files beside `path`. */
export function canReplace(path: string, { uid, gid }: Owner): boolean {
  const stat = statSync(dirname(path), { throwIfNoEntry: false })
  if (stat === undefined) return false
  const bits = stat.uid === uid ? stat.mode >> 6 : stat.gid === gid ? stat.mode >> 3 : stat.mode
  return (bits & 3) === 3
}

function giveOpened(
  path: string,
  flags: number,
  { uid, gid }: Owner,
  isOurs: (stat: ReturnType<typeof fstatSync>) => boolean,
): void {
  let fd: number
  try {
    fd = openSync(path, flags)
  } catch {
    // Not there, a link, or a socket: whoever needs it says what is wrong with it.
    return
  }
  try {
    const stat = fstatSync(fd)
    if (isOurs(stat) && (stat.uid !== uid || stat.gid !== gid)) fchownSync(fd, uid, gid)
  } finally {
    closeSync(fd)
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
