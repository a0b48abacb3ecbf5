/** What a failed call means for the one who typed the command. */

import type { ServiceError } from '@grpc/grpc-js'
import { CliError, EXIT } from './errors.js'
import { place, unanswered } from './reach.js'

/** Status codes by number, so that this file does not load gRPC. Source: grpc.io, status codes. */
const CODE = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  unavailable: 14,
} as const

/** Maps a status to an exit code; the daemon's own words are kept, they name the field, the guard or the entry. */
export function callError(error: ServiceError, socket: string, timeoutMs: number): CliError {
  const fail = (exitCode: CliError['exitCode'], message: string, ...hints: string[]) =>
    new CliError(exitCode, message, hints, { cause: error })
  switch (error.code as number) {
    case CODE.invalidArgument: {
      // Of a file with several faults each has a line.
      const [message = '', ...faults] = error.details.split('\n')
      return fail(EXIT.usage, message, ...faults.map((fault) => fault.trim()))
    }
    case CODE.failedPrecondition:
      return fail(EXIT.refused, error.details)
    case CODE.notFound:
      return fail(EXIT.notFound, error.details)
    case CODE.deadlineExceeded:
      return unanswered(socket, timeoutMs)
    case CODE.unavailable:
    case CODE.cancelled:
      // Over TLS the other end may have refused the certificate; gRPC says so in its words.
      if (!socket.startsWith('/'))
        return fail(EXIT.unreachable, `no answer from idsd at ${socket}: ${error.details}`, TLS)
      return fail(EXIT.unreachable, `idsd went away before it answered (${place(socket)})`, GONE)
    case CODE.permissionDenied:
      return fail(EXIT.refused, error.details)
    case CODE.resourceExhausted:
      return fail(EXIT.error, error.details)
    case CODE.unimplemented:
      return fail(EXIT.error, 'this idsd is older than idsctl and does not know the request', 'restart idsd')
    default:
      return fail(EXIT.error, `idsd failed: ${error.details}`, 'look at: journalctl -u idsd')
  }
}

/** A watch that ended by itself: the daemon closed it or is gone. */
export function watchEnded(socket: string): CliError {
  return new CliError(EXIT.unreachable, `idsd went away (${place(socket)})`, [GONE])
}

/** Whether a stream's error says that the daemon is gone, rather than that the request was wrong. */
export function isGone(error: ServiceError): boolean {
  const judged: number[] = [
    CODE.invalidArgument,
    CODE.failedPrecondition,
    CODE.permissionDenied,
    CODE.unimplemented,
  ]
  return !judged.includes(error.code)
}

const TLS = 'does the certificate of idsd name this host, and is yours of its authority and still valid?'

const GONE = 'is it running? systemctl status idsd'
