/** Makes ready what the daemon writes later, while it still is root. */

import { constants, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Config } from '../config/config.js'
import { IdsdError } from '../errors.js'
import { makeFolder } from '../folder.js'
import { makePinFolder, usualPlace } from '../kernel/bpffs.js'
import type { Privilege } from '../kernel/privilege.js'
import { canReplace, giveFile, giveFiles, giveFolder, givePins } from './ownership.js'

export interface RunAs {
  /** Folder of the pins as the daemon reaches it. */
  readonly bpffs: string
  /** What the daemon will not be able to do, in words. */
  readonly warnings: readonly string[]
}

/**
 * Makes the folders, and hands them, the database, the event file and the pins to the daemon's user. As root nothing
 * changes hands.
 * @throws IdsdError when a folder cannot be made
 */
export function prepareRunAs({ paths, events }: Config, { account }: Pick<Privilege, 'account'>): RunAs {
  makeFolder(dirname(paths.db), 0o750, 'paths.db')
  makeFolder(dirname(paths.socket), 0o755, 'paths.socket')
  makeFolder(paths.runDir, 0o755, 'paths.run_dir')
  if (events.file !== null) makeFolder(dirname(events.file), 0o750, 'events.file')
  if (account === undefined) return { bpffs: paths.bpffs, warnings: [] }

  const { db, runDir, socket, bpffs } = paths
  for (const folder of new Set([dirname(db), dirname(socket), runDir])) giveFolder(folder, account)
  // The log and the shared memory of SQLite go with their database.
  for (const end of ['', '-wal', '-shm']) giveFile(db + end, account)
  const warnings: string[] = []
  if (!canReplace(db, account)) {
    warnings.push(
      `paths.db: user ${account.name} may not write ${dirname(db)}, which is not given away because its name does not ` +
        `begin with idsd: put the database into a folder of that name, chown ${account.name} ${dirname(db)}, or set user = ""`,
    )
  }
  if (events.file !== null) {
    const name = basename(events.file)
    giveFolder(dirname(events.file), account)
    giveFiles(dirname(events.file), (found) => found === name || isRotated(found, name), account)
    if (events.maxBytes !== null && !isDevice(events.file) && !canReplace(events.file, account)) {
      warnings.push(
        `events.file: user ${account.name} cannot rotate ${events.file}: put it into a folder of its own named idsd, ` +
          'or set events.max_bytes = "none"',
      )
    }
  }
  if (bpffs === usualPlace) {
    throw new IdsdError(
      'ERR_BPFFS',
      `paths.bpffs: a folder below ${usualPlace} is needed, for user ${account.name}`,
    )
  }
  makePinFolder(bpffs)
  givePins(bpffs, account)
  // Only root may look into /sys/fs/bpf; through an open folder its user reaches what is in it.
  const fd = openSync(bpffs, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  return { bpffs: `/proc/self/fd/${fd}`, warnings }
}

/** Opened while the daemon is root: what stands behind it, a terminal or a pipe, is somebody else's. */
export function isDevice(path: string): boolean {
  return path.startsWith('/dev/') || path.startsWith('/proc/')
}

function isRotated(found: string, name: string): boolean {
  return found.startsWith(`${name}.`) && /^\d+$/.test(found.slice(name.length + 1))
}
