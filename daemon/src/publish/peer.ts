/** Who is at the other end of a connection, for the audit. */

import type { Socket } from 'node:net'
import type { Caller } from '../control/caller.js'

/** User at the other end of a unix socket (SO_PEERCRED, unix(7)) by its descriptor; undefined when unknown. */
export type PeerUid = (fd: number) => number | undefined

const MARK = /^uid:(\d+)$/

/**
 * Notes the user of a unix connection where calls can read it: grpc-js shows a call nothing of its connection but
 * `remoteAddress`, which a unix socket leaves empty.
 */
export function markPeer(socket: Socket, peerUid: PeerUid | undefined): void {
  const fd = (socket as { _handle?: { fd?: number } })._handle?.fd
  const uid = fd === undefined || fd < 0 ? undefined : peerUid?.(fd)
  if (uid !== undefined) Object.defineProperty(socket, 'remoteAddress', { value: `uid:${uid}` })
}

/** The part of a gRPC call that is read here. */
export interface PeerCall {
  getPeer(): string
  getAuthContext(): { readonly sslPeerCertificate?: { readonly subject?: { readonly CN?: unknown } } }
}

/** @param text what the request says of itself */
export function callerOf(call: PeerCall, text: string): Caller {
  const uid = MARK.exec(call.getPeer())?.[1]
  const name = call.getAuthContext().sslPeerCertificate?.subject?.CN
  return {
    text,
    uid: uid === undefined ? undefined : Number(uid),
    certificate: typeof name === 'string' ? name : undefined,
  }
}
