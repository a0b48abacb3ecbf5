/**
 * Who holds a session at a login port: an open connection that is more than an attempt. Somebody who is in does not
 * guess, so attempts beside it are work.
 */

import type { FlowRecord } from '../decode/flow-record.js'
import { createRecentMap } from '../recent-map.js'

export interface LoginSessions {
  /** @param flow TCP; its client is `src`, or `dst` when only the middle was seen and the server spoke first */
  observe(flow: FlowRecord, isClientSource: boolean): void
  /** Whether the client has a session at this port of this host. */
  holds(client: string, server: string, port: number, nowUs: number): boolean
}

const MAX_HOLDERS = 16_384
const MAX_SESSIONS = 64
/** Longer than the kernel and sshd (LoginGraceTime, sshd_config(5)) bear with somebody who does not log in, us. */
const SESSION_US = 120_000_000
/** A session that says nothing for so long is taken for gone, us. Twice the keepalive time of tcp(7). */
const SILENT_US = 14_400_000_000

/** @param minBytesBack payload from the server that no attempt gets */
export function createLoginSessions(minBytesBack: number): LoginSessions {
  /** By client, server and port: time of the last packet by the client's port, us since 1970. */
  const holders = createRecentMap<string, Map<number, number>>()

  function close(key: string, clientPort: number): void {
    const sessions = holders.get(key)
    if (sessions?.delete(clientPort) && sessions.size === 0) holders.delete(key)
  }

  function open(key: string, clientPort: number, lastUs: number): void {
    let sessions = holders.touch(key)
    if (sessions === undefined) {
      sessions = new Map()
      if (holders.size >= MAX_HOLDERS) holders.dropOldest()
      holders.set(key, sessions)
    }
    if (sessions.size >= MAX_SESSIONS && !sessions.has(clientPort))
      sessions.delete(sessions.keys().next().value!)
    sessions.set(clientPort, lastUs)
  }

  /** Both sides have spoken: for long, or much, or before idsd began, and then it is no attempt, for those end soon. */
  function isSession(flow: FlowRecord, isClientSource: boolean): boolean {
    if (flow.bytesFwd === 0 || flow.bytesBwd === 0) return false
    const bytesBack = isClientSource ? flow.bytesBwd : flow.bytesFwd
    const isOld = flow.endReason === 'timeout' || flow.lastUs - flow.startUs >= SESSION_US
    return bytesBack >= minBytesBack || isOld || flow.synCount === 0
  }

  return {
    observe: (flow, isClientSource) => {
      const key = isClientSource
        ? `${flow.src} ${flow.dst} ${flow.dstPort}`
        : `${flow.dst} ${flow.src} ${flow.srcPort}`
      const clientPort = isClientSource ? flow.srcPort : flow.dstPort
      const isOver = flow.tcpState !== 'none' || flow.finCount > 0 || flow.rstCount > 0
      if (isOver || (flow.kind === 'opened' && !flow.isContinuation)) close(key, clientPort)
      else if (holders.get(key)?.has(clientPort) || isSession(flow, isClientSource))
        open(key, clientPort, flow.lastUs)
    },
    holds: (client, server, port, nowUs) => {
      const sessions = holders.get(`${client} ${server} ${port}`)
      if (sessions === undefined) return false
      for (const lastUs of sessions.values()) if (lastUs >= nowUs - SILENT_US) return true
      return false
    },
  }
}
