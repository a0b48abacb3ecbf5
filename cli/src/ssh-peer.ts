/** Far end of the caller's own SSH session, so that the daemon can refuse to cut it off. */

import { readFileSync } from 'node:fs'
import ipaddr from 'ipaddr.js'

const MAX_PARENTS = 10

export interface SshPeerOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly pid: number
  /** Text of a file under /proc; throws where it cannot be read. */
  readonly readProc?: (path: string) => string
}

/**
 * Address of the client, '' when there is none. sshd sets SSH_CONNECTION; sudo strips it, so the environments of up
 * to 10 parents are read as well, nearest first. What may not be read is passed over.
 * Source: ssh(1), ENVIRONMENT: client address, client port, server address, server port.
 */
export function sshPeer({ env, pid, readProc = readProcFile }: SshPeerOptions): string {
  const own = peerOf(env.SSH_CONNECTION)
  if (own !== '') return own
  let current = pid
  for (let level = 0; level < MAX_PARENTS; level++) {
    current = parentOf(tryRead(readProc, `${current}/stat`))
    if (current <= 0) return ''
    const peer = peerOf(variable(tryRead(readProc, `${current}/environ`), 'SSH_CONNECTION'))
    if (peer !== '') return peer
  }
  return ''
}

/** First field when it is an address; a zone (`fe80::1%eth0`) is cut off, packets carry none. */
function peerOf(connection: string | undefined): string {
  const address = (connection ?? '').split(' ', 1)[0]!.replace(/%.*$/, '')
  return ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address) ? address : ''
}

/** Field 4 of /proc/PID/stat. Field 2, the name in parentheses, may itself hold spaces and parentheses: proc(5). */
function parentOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[1] ?? 0) || 0
}

function variable(environ: string, name: string): string | undefined {
  return environ
    .split('\0')
    .find((entry) => entry.startsWith(`${name}=`))
    ?.slice(name.length + 1)
}

function tryRead(readProc: (path: string) => string, path: string): string {
  try {
    return readProc(path)
  } catch {
    return ''
  }
}

function readProcFile(path: string): string {
  return readFileSync(`/proc/${path}`, 'latin1')
}
