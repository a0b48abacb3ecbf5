/** How a call is answered: at once, later, or as a stream; what is open ends when the daemon stops. */

import type { handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js'
import type { Caller } from '../control/caller.js'
import { callStatus } from './grpc-errors.js'
import type { Logger } from './logger.js'
import { callerOf } from './peer.js'
import { type StreamOptions, startStream } from './stream.js'

/** A call that goes on: `fail` ends it with this error. */
export interface OpenCall {
  fail(error: unknown): void
}

export interface Calls {
  unary<Q, A>(method: string, answer: (request: Q, caller: Caller) => A): handleUnaryCall<Q, A>
  /** For what takes long. `isWanted` says no once the caller went or the daemon stops. */
  unaryLater<Q, A>(
    method: string,
    answer: (request: Q, isWanted: () => boolean, caller: Caller) => Promise<A>,
  ): handleUnaryCall<Q, A>
  stream<Q, M, T>(
    method: string,
    open: (request: Q) => Omit<StreamOptions<T, M>, 'fail'>,
  ): (call: ServerWritableStream<Q, M>) => void
  /** A stream of another kind, known to `end` from `add` on. */
  readonly open: Pick<Set<OpenCall>, 'add' | 'delete'>
  /** The error that a caller is told; one that is no fault of the request is logged. */
  status(error: unknown, method: string): ReturnType<typeof callStatus>
  /** Ends all that is open. */
  end(error: unknown): void
}

export interface CallsOptions {
  readonly log: Logger
  readonly userName?: ((uid: number) => string | undefined) | undefined
}

export function createCalls({ log, userName }: CallsOptions): Calls {
  const open = new Set<OpenCall>()

  function unary<Q, A>(method: string, answer: (request: Q, caller: Caller) => A): handleUnaryCall<Q, A> {
    return (call, callback) => {
      try {
        const { caller = '' } = call.request as { caller?: string }
        callback(null, answer(call.request, callerOf(call, caller, userName)))
      } catch (error) {
        callback(callStatus(error, method, log))
      }
    }
  }

  function unaryLater<Q, A>(
    method: string,
    answer: (request: Q, isWanted: () => boolean, caller: Caller) => Promise<A>,
  ): handleUnaryCall<Q, A> {
    return (call, callback) => {
      let isOpen = true
      const fail = (error: unknown): void => {
        if (!isOpen) return
        isOpen = false
        open.delete(entry)
        callback(callStatus(error, method, log))
      }
      const entry = { fail }
      open.add(entry)
      const caller = callerOf(call, '', userName)
      answer(call.request, () => isOpen && !call.cancelled, caller).then((found) => {
        if (!isOpen) return
        isOpen = false
        open.delete(entry)
        callback(null, found)
      }, fail)
    }
  }

  function stream<Q, M, T>(
    method: string,
    start: (request: Q) => Omit<StreamOptions<T, M>, 'fail'>,
  ): (call: ServerWritableStream<Q, M>) => void {
    return (call) => {
      const fail = (error: unknown): void => {
        open.delete(entry)
        call.emit('error', callStatus(error, method, log))
      }
      const entry = { fail }
      try {
        startStream<T, M>(call, { ...start(call.request), fail })
        open.add(entry)
        call.on('cancelled', () => open.delete(entry))
      } catch (error) {
        fail(error)
      }
    }
  }

  return {
    ...{ unary, unaryLater, stream, open },
    status: (error, method) => callStatus(error, method, log),
    end(error) {
      for (const { fail } of [...open]) fail(error)
    },
  }
}
