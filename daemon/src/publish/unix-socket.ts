/** The local door: a unix socket whose file permissions say who may enter. */

import { lchownSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { IdsdError } from '../errors.js'

export interface UnixSocketOptions {
  /** At most 107 bytes (`sun_path`, unix(7)). */
  readonly path: string
  /** Permission bits, e.g. 0o660. Who may write may enter. */
  readonly mode: number
  /** Group of the socket; undefined leaves it. */
  readonly gid?: number | undefined
  /**
   * One more user to admit. Started as `sudo idsd`, the daemon is root's, and the person at the keyboard would need
   * sudo for every `idsctl` too, or a group and a new login. Making that person the owner of the socket (not of
   * anything else) admits exactly them; an owner may change the mode, which root's own user could do anyway.
   */
  readonly admitUid?: number | undefined
  /** Lets others in besides owner and group; what it throws only keeps those out. */
  readonly admitMore?: ((path: string) => void) | undefined
  readonly onConnection: (socket: Socket) => void
  /** A connection could not be taken, e.g. no descriptor is left; the door stays open. */
  readonly onError: (error: Error) => void
}

export interface UnixSocket {
  /** Takes no more connections and removes the file; open connections stay. */
  close(): void
}

const MAX_PATH_BYTES = 107
const MAX_CONNECTIONS = 256

/** @throws IdsdError `ERR_LISTEN` when another process answers on the path, or it cannot be made */
export async function openUnixSocket(options: UnixSocketOptions): Promise<UnixSocket> {
  const { path, mode, gid, admitUid, admitMore, onConnection, onError } = options
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new IdsdError('ERR_LISTEN', `--socket ${path}: expected at most ${MAX_PATH_BYTES} bytes`)
  }
  const server = createServer(onConnection)
  server.maxConnections = MAX_CONNECTIONS
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
    await removeStale(path)
    await listenWithMode(server, path, mode)
    server.on('error', onError)
    lchownSync(path, admitUid ?? -1, gid ?? -1)
    admitMore?.(path)
  } catch (error) {
    server.close()
    if (error instanceof IdsdError) throw error
    const text = error instanceof Error ? error.message : String(error)
    throw new IdsdError('ERR_LISTEN', `--socket ${path}: ${text}`, { cause: error })
  }
  return { close: () => void server.close() }
}

/** A file that a killed daemon left is removed; one that somebody answers on is not ours to take. */
async function removeStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isSocket()) throw new IdsdError('ERR_LISTEN', `--socket ${path}: expected a socket or nothing`)
  if (await answers(path)) {
    throw new IdsdError('ERR_LISTEN', `--socket ${path}: another process answers there already`)
  }
  unlinkSync(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false)
      // A full backlog: somebody listens.
      else if (error.code === 'EAGAIN') resolve(true)
      else reject(error)
    })
  })
}

/**
 * bind(2) happens inside listen(), before it returns: with this umask the file has its mode at once. It is not changed by
 * its path afterwards, which could be another file by then.
 */
function listenWithMode(server: ReturnType<typeof createServer>, path: string, mode: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const umask = process.umask(0o777 & ~mode)
    try {
      server.listen(path, () => {
        server.off('error', reject)
        resolve()
      })
    } finally {
      process.umask(umask)
    }
  })
}
