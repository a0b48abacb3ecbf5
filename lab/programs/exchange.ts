/** One TCP conversation from connect to close, with one deadline over all of it. */

import { connect, type Socket } from 'node:net'
import type { Outcome } from './outcomes.js'
import type { Program } from './program.js'

/** Whom to talk to. */
export interface Peer {
  readonly target: string
  readonly port: number
  /** Own address; '' lets the kernel choose. */
  readonly bind: string
  /** Whole conversation, ms. */
  readonly timeoutMs: number
  /** After its abort a conversation lasts at most `lingerMs`, ms. Without it, none is cut short. */
  readonly signal?: AbortSignal
  /** Default 0. */
  readonly lingerMs?: number
}

/** Whom the options `target`, `port`, `bind` and `timeout` name. @param usualPort stands for port 0 */
export function peerOf(program: Program, usualPort: number): Peer {
  return {
    target: program.text('target'),
    port: program.number('port') || usualPort,
    bind: program.text('bind'),
    timeoutMs: program.number('timeout', 1),
  }
}

/** What came of it. */
export interface Exchange {
  readonly outcome: Outcome
  /** Error code of a refusal, or ''. */
  readonly error: string
  /** What was received, the first 64 KiB. */
  readonly text: string
}

const keptBytes = 64 * 1024

/**
 * Connects and lets `talk` work the socket. Ends when the other side closes, when `isDone` says so, or at the deadline.
 * @param talk is called once connected, and again with each piece received
 * @param isDone given all that was received so far; default: only the end of the connection ends it
 * Never rejects: every fault is an outcome.
 */
export function exchange(
  peer: Peer,
  talk: (socket: Socket, received: string) => void,
  isDone: (received: string) => boolean = () => false,
): Promise<Exchange> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({
      host: peer.target,
      port: peer.port,
      ...(peer.bind === '' ? {} : { localAddress: peer.bind }),
    })
    const finish = (outcome: Outcome, error = '') => {
      clearTimeout(timer)
      peer.signal?.removeEventListener('abort', hurry)
      socket.destroy()
      resolve({ outcome, error, text })
    }
    let timer = setTimeout(() => finish('timeout'), peer.timeoutMs)
    const hurry = () => {
      clearTimeout(timer)
      timer = setTimeout(() => finish('timeout'), peer.lingerMs ?? 0)
    }
    peer.signal?.addEventListener('abort', hurry)
    socket.setNoDelay(true)
    socket.on('connect', () => talk(socket, ''))
    socket.on('data', (chunk) => {
      const piece = chunk.toString('latin1')
      if (text.length < keptBytes) text += piece
      if (isDone(text)) finish('answered')
      else talk(socket, piece)
    })
    const onEnd = () => finish(text === '' ? 'refused' : 'answered', text === '' ? 'closed' : '')
    socket.on('end', onEnd)
    // Also when `talk` destroyed the socket, for which there is no 'end'.
    socket.on('close', onEnd)
    socket.on('error', (error: NodeJS.ErrnoException) => {
      finish(error.code === 'ETIMEDOUT' ? 'timeout' : 'refused', error.code ?? error.message)
    })
  })
}
