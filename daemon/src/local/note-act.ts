/**
 * Leaves a note of what was done past the daemon, beside its socket: bpffs holds nothing but maps. The folder may belong
 * to the daemon's user, so nothing in it is followed or written over. That user may read a note, and not write one.
 */

import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { encodePastAct, type PastAct } from '../control/past-act.js'
import { IdsdError } from '../errors.js'
import { isNote, isOpenToAll, mostNotes, noteName } from './note-name.js'

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants

/**
 * It is there as a whole or not at all.
 * @param socket of the daemon
 * @throws IdsdError, or the error of the system, when it cannot be left
 */
export function noteAct(socket: string, act: PastAct): void {
  const folder = dirname(socket)
  // systemd takes it away with the daemon; elsewhere it is a name that was mistyped.
  if (dirname(folder) === '/run') makeFolder(folder)
  const { gid, mode } = statSync(folder)
  if (isOpenToAll({ mode })) throw new IdsdError('ERR_NOTES', `everybody may write into ${folder}`)
  if (readdirSync(folder).filter(isNote).length >= mostNotes)
    throw new IdsdError('ERR_NOTES', `${mostNotes} notes wait in ${folder} for a daemon`)
  const path = join(folder, noteName(act.atMs, process.pid))
  const draft = `${path}.tmp`
  const fd = openSync(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600)
  try {
    try {
      writeSync(fd, encodePastAct(act))
      fchownSync(fd, process.geteuid?.() ?? 0, gid)
      // Whatever the mask of root is.
      fchmodSync(fd, 0o640)
    } finally {
      closeSync(fd)
    }
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o755 })
    // Whatever the mask of root is: clients are to reach the socket.
    chmodSync(folder, 0o755)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
