/** Who is at the other end of a connection, and what they may. */

import type { Socket } from 'node:net'
import type { Caller, Role } from '../control/caller.js'
import { type Admission, type Peer, roleOfPeer, roleOfUnit } from './roles.js'

/** User and groups at the other end of a unix socket (unix(7)) by its descriptor; undefined when unknown. */
export type ReadPeer = (fd: number) => Peer | undefined

const MARK = /^uid:(\d*):(operator|reader|none)$/

/**
 * Notes user and role of a unix connection where calls can read it: grpc-js shows a call nothing of its connection but
 * `remoteAddress`, which a unix socket leaves empty.
 * @param readPeer without it the permissions of the socket are all there is: who entered is an operator
 */
export function markPeer(socket: Socket, readPeer: ReadPeer | undefined, admission: Admission): void {
  const fd = (socket as { _handle?: { fd?: number } })._handle?.fd
  const peer = readPeer === undefined || fd === undefined || fd < 0 ? undefined : readPeer(fd)
  const unread: Role = readPeer === undefined ? 'operator' : 'none'
  const role = peer === undefined ? unread : roleOfPeer(peer, admission)
  Object.defineProperty(socket, 'remoteAddress', { value: `uid:${peer?.uid ?? ''}:${role}` })
}

/** The part of a gRPC call that is read here. */
export interface PeerCall {
  getPeer(): string
  getAuthContext(): {
    readonly sslPeerCertificate?: {
      readonly subject?: { readonly CN?: unknown; readonly OU?: unknown }
      readonly serialNumber?: unknown
    }
  }
}

/** @param text what the request says of itself */
export function callerOf(
  call: PeerCall,
  text: string,
  userName: (uid: number) => string | undefined = () => undefined,
): Caller {
  const certificate = call.getAuthContext().sslPeerCertificate
  if (certificate !== undefined) {
    const { CN: name, OU: unit } = certificate.subject ?? {}
    return { text, certificate: typeof name === 'string' ? name : '?', role: roleOfUnit(unit) }
  }
  const [, digits, role] = MARK.exec(call.getPeer()) ?? []
  // A connection whose socket is gone says nothing more, and its last request still comes: it proves nothing.
  if (role === undefined) return { text, role: 'none' }
  if (digits === undefined || digits === '') return { text, role: role as Role }
  const uid = Number(digits)
  return { text, uid, user: userName(uid), role: role as Role }
}
