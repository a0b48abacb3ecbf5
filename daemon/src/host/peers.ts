/**
 * Operators' peers: far ends of TCP connections to a management port that have been open for long. Younger ones may be
 * a guesser's: sshd lets nobody stay that long without a login (LoginGraceTime).
 */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface PeerWatch {
  /** Addresses of long-open peers. */
  peers(): readonly string[]
  /** Looks at the connections; to be called every few seconds. */
  refresh(): void
}

export interface PeerWatchOptions {
  readonly ports: () => readonly number[]
  readonly minAgeMs: () => number
  /** A clock that nobody sets: after a jump of the wall clock a guesser would be an operator, or the other way. */
  readonly uptimeMs: () => number
  /** Reads a file; '' when it is not there. Default: the file system. */
  readonly readText?: (path: string) => string
  /** Age of the process that owns a socket inode, ms; undefined when there is none. Default: from /proc. */
  readonly ownerAgeMs?: (inode: string) => number | undefined
}

export interface Connection {
  readonly localPort: number
  readonly remote: string
  readonly remotePort: number
  readonly inode: string
}

const established = '01'

/** Established connections of `/proc/net/tcp` or `tcp6`. Source: kernel Documentation/networking/proc_net_tcp.rst. */
export function connectionsOf(text: string): Connection[] {
  const found: Connection[] = []
  for (const line of text.split('\n').slice(1)) {
    const cells = line.trim().split(/\s+/)
    if (cells.length < 10 || cells[3] !== established) continue
    const [, localPort] = (cells[1] as string).split(':')
    const [remote, remotePort] = (cells[2] as string).split(':')
    found.push({
      localPort: Number.parseInt(localPort as string, 16),
      remote: addressOf(remote as string),
      remotePort: Number.parseInt(remotePort as string, 16),
      inode: cells[9] as string,
    })
  }
  return found
}

/** Words of 32 bits in the machine's (little-endian) order. */
function addressOf(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) as string[]).reverse())
  if (bytes.length === 4) return bytes.map((byte) => Number.parseInt(byte, 16)).join('.')
  const isMapped = bytes.slice(0, 12).join('').toLowerCase() === '00000000000000000000ffff'
  if (isMapped)
    return bytes
      .slice(12)
      .map((byte) => Number.parseInt(byte, 16))
      .join('.')
  return (bytes.join('').match(/.{4}/g) as string[]).join(':')
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Clock ticks a second of /proc/PID/stat: fixed for user space on Linux. */
const ticksPerSecond = 100

/** Age of the process, not this one, that holds the socket open; undefined when it cannot be told. */
function ownerAgeFromProc(inode: string): number | undefined {
  const uptimeMs = Number.parseFloat(readOrEmpty('/proc/uptime')) * 1000
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    let names: string[]
    try {
      names = readdirSync(`/proc/${pid}/fd`)
    } catch {
      continue
    }
    for (const name of names) {
      try {
        if (readlinkSync(`/proc/${pid}/fd/${name}`) !== `socket:[${inode}]`) continue
      } catch {
        continue
      }
      const stat = readOrEmpty(`/proc/${pid}/stat`)
      const startTicks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
      return Number.isFinite(startTicks) ? uptimeMs - (startTicks / ticksPerSecond) * 1000 : undefined
    }
  }
  return undefined
}

export function createPeerWatch({
  ports,
  minAgeMs,
  uptimeMs,
  readText = readOrEmpty,
  ownerAgeMs = ownerAgeFromProc,
}: PeerWatchOptions): PeerWatch {
  /** When each connection was first seen, or began by its owner's word, ms of `uptimeMs`. */
  const since = new Map<string, { remote: string; sinceMs: number }>()
  let isFirst = true
  return {
    refresh() {
      const wanted = new Set(ports())
      const seen = new Set<string>()
      const all = ['/proc/self/net/tcp', '/proc/self/net/tcp6'].flatMap((path) =>
        connectionsOf(readText(path)),
      )
      for (const connection of all) {
        if (!wanted.has(connection.localPort)) continue
        const id = `${connection.localPort} ${connection.remote} ${connection.remotePort} ${connection.inode}`
        seen.add(id)
        if (since.has(id)) continue
        // What was open before idsd: each connection of sshd has a process of its own, as old as the connection. Where
        // that cannot be read it counts as old: better a guesser spared until he hangs up than an operator locked out.
        const ageMs = isFirst ? (ownerAgeMs(connection.inode) ?? minAgeMs()) : 0
        since.set(id, { remote: connection.remote, sinceMs: uptimeMs() - ageMs })
      }
      for (const id of since.keys()) if (!seen.has(id)) since.delete(id)
      isFirst = false
    },
    peers: () =>
      [...since.values()]
        .filter(({ sinceMs }) => uptimeMs() - sinceMs >= minAgeMs())
        .map(({ remote }) => remote),
  }
}
