/** Is there a daemon behind the socket? Asked before gRPC is loaded, so that a fault is told at once and exactly. */

import { connect } from 'node:net'
import { CliError, EXIT } from './errors.js'

const START = 'start it: sudo systemctl start idsd, or: sudo idsd --iface eth0'

/**
 * Connects and hangs up.
 * @throws CliError with what to do
 */
export function checkReach(socket: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const connection = connect(isPath(socket) ? { path: socket } : endpoint(socket))
    const timer = setTimeout(() => {
      connection.destroy()
      reject(unanswered(socket, timeoutMs))
    }, timeoutMs)
    connection.once('connect', () => {
      clearTimeout(timer)
      connection.destroy()
      resolve()
    })
    connection.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(unreachable(socket, error))
    })
  })
}

/** The daemon took the connection, or the request, and did not answer in time. */
export function unanswered(socket: string, timeoutMs: number): CliError {
  return new CliError(
    EXIT.unreachable,
    `idsd did not answer within ${timeoutMs / 1_000} s (${place(socket)})`,
    ['wait longer with --timeout 30s, or look at: journalctl -u idsd'],
  )
}

function unreachable(socket: string, error: NodeJS.ErrnoException): CliError {
  const fail = (message: string, ...hints: string[]) =>
    new CliError(EXIT.unreachable, message, hints, { cause: error })
  if (!isPath(socket)) return fail(`idsd is not reachable at ${socket}: ${error.message}`, LISTENS)
  switch (error.code) {
    case 'ENOENT':
      return fail(`idsd is not running: there is no socket ${socket}`, START, OTHER_SOCKET)
    case 'ECONNREFUSED':
      return fail(`idsd is not running: nobody listens on ${socket}`, START, OTHER_SOCKET)
    case 'EACCES':
    case 'EPERM':
      return fail(
        `no permission to use the socket ${socket}`,
        'run the command through sudo, or join the group idsd and log in again:',
        '  sudo usermod -aG idsd $USER',
      )
    default:
      return fail(`cannot connect to ${socket}: ${error.message}`, OTHER_SOCKET)
  }
}

const LISTENS = 'it listens there only with grpc.listen in its idsd.toml: idsctl pki init --help'

/** A path, or `HOST:PORT`. */
function isPath(socket: string): boolean {
  return socket.startsWith('/')
}

function endpoint(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(':')
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(address.slice(at + 1)) }
}

/** Where the daemon is, in words. */
export function place(socket: string): string {
  return isPath(socket) ? `socket ${socket}` : `at ${socket}`
}

const OTHER_SOCKET = 'a daemon with another socket: --socket PATH, or IDSD_SOCKET=PATH'
