/**
 * Who takes part in the soak: a gateway with honest people on both sides. The client's namespace is the world outside,
 * with 60 hosts, a resolver's servers and a download; the inside has a web server, a login server and 30 hosts.
 */

import { type Lab, LabError, type LabNamespace } from '../namespaces.js'
import { trafficProgram } from '../traffic-program.js'

/** Addresses by part. Those of ranges are written as the traffic programs read them. */
export const addresses = {
  /** Outside: web hosts and name servers. */
  hosts: '10.77.0.100-159',
  /** Outside: serves the download. */
  mirror: '10.77.0.2',
  monitor: '10.77.0.200',
  operator: '10.77.0.201',
  visitor: '10.77.0.202',
  /** The operator's machine for commands, each a connection of its own, beside a session: who is in does not guess. */
  console: '10.77.0.203',
  /** Inside. */
  server: '10.77.1.2',
  reader: '10.77.1.50',
  downloader: '10.77.1.51',
  resolver: '10.77.1.53',
  monitored: '10.77.1.100-129',
} as const

/** Those who must never be decided against. */
export const honest: readonly string[] = [
  ...rangeOf(addresses.hosts),
  ...rangeOf(addresses.monitored),
  ...[addresses.mirror, addresses.monitor, addresses.operator, addresses.visitor, addresses.console],
  ...[addresses.server, addresses.reader, addresses.downloader, addresses.resolver],
]

/** Bytes a second of a download at 100 Mbit/s. */
const downloadBytesPerSecond = 12_500_000
const pieceBytes = 1_250_000
/**
 * Payload that an OpenSSH 9.2 server (Debian 12) sends, measured with ed25519 keys and its three default host keys: 2,937
 * bytes to a client whose key it denies, 3,997 to 4,121 for `ssh HOST true`, 4,221 for `uptime`, 13,425 for `ls -l /etc`.
 * Here every command is `true`, the least: under the 4,096 bytes below which detect.login takes a session for a guess.
 */
const ssh = { deniedBytes: 2_937, trueBytes: 3_997, greetingBytes: 1 } as const
/** Bytes of a session besides handshake and output: the greeting and `exit 0`, each with CR LF, and those of the output. */
const wrapBytes = ssh.greetingBytes + 2 + 2 + 'exit 0'.length + 2

/** A program of the mix. */
export interface Part {
  readonly who: string
  readonly what: string
  readonly side: 'client' | 'inside'
  readonly argv: readonly [program: string, ...words: string[]]
}

const words = (text: string) => text.split(' ') as [string, ...string[]]
const at = (part: keyof typeof addresses) => ['--target', addresses[part]]
const as = (part: keyof typeof addresses) => ['--bind', addresses[part]]

/** Servers, which run all the time. */
export const services: readonly Part[] = [
  { who: 'hosts', what: 'web on 443', side: 'client', argv: words('http-server --port 443') },
  { who: 'mirror', what: 'downloads on 80', side: 'client', argv: words('http-server --port 80') },
  {
    who: 'name servers',
    what: 'questions on 53',
    side: 'client',
    argv: [...words(`udp-echo --port 53 --answer-bytes 60-400 --delay 10 --bind ${addresses.hosts}`)],
  },
  // Connections from before idsd's start prove no path; these are renewed as often as Apache does it by default
  // (MaxKeepAliveRequests).
  {
    who: 'server',
    what: 'web on 80',
    side: 'inside',
    argv: words('http-server --port 80 --connection-requests 100'),
  },
  { who: 'monitored', what: 'web on 443', side: 'inside', argv: words('http-server --port 443') },
  {
    who: 'server',
    what: 'logins on 22',
    side: 'inside',
    argv: [
      ...words(`login-server --service ssh --port 22 --delay 30 --handshake-bytes ${ssh.deniedBytes}`),
      ...['--session-bytes', String(ssh.greetingBytes), '--password', 'the right one'],
    ],
  },
]

/** Honest traffic. Each program counts what went unanswered. */
export const mix: readonly Part[] = [
  {
    who: 'reader',
    what: 'browses 60 hosts on 443',
    side: 'inside',
    argv: ['browser', ...at('hosts'), ...as('reader'), ...words('--port 443 --rate 2')],
  },
  {
    who: 'downloader',
    what: 'loads at 100 Mbit/s',
    side: 'inside',
    argv: [
      ...['http-client', ...at('mirror'), ...as('downloader'), '--port', '80', '--concurrency', '1'],
      ...['--rate', String(downloadBytesPerSecond / pieceBytes), '--paths', `/bytes/${pieceBytes}`],
      ...['--timeout', '5000'],
    ] as [string, ...string[]],
  },
  {
    who: 'resolver',
    what: 'asks 60 name servers',
    side: 'inside',
    argv: ['udp-questions', ...at('hosts'), ...as('resolver'), ...words('--port 53 --bytes 25-60 --rate 20')],
  },
  {
    who: 'monitor',
    what: 'connects to 30 hosts',
    side: 'client',
    argv: ['monitor', ...at('monitored'), ...as('monitor'), ...words('--port 443 --every 5')],
  },
  {
    who: 'visitor',
    what: 'asks the server for pages',
    side: 'client',
    argv: ['http-client', ...at('server'), ...as('visitor'), ...words('--port 80 --rate 10 --timeout 5000')],
  },
  {
    who: 'operator',
    what: 'stays logged in',
    side: 'client',
    argv: ['login-stay', ...at('server'), ...as('operator'), ...words('--port 22 --timeout 5000')],
  },
  {
    who: 'operator',
    what: 'stays logged in where commands come from',
    side: 'client',
    argv: ['login-stay', ...at('server'), ...as('console'), ...words('--port 22 --timeout 5000')],
  },
  {
    who: 'operator',
    what: 'runs 20 commands a minute over SSH',
    side: 'client',
    argv: [
      ...['login-session', ...at('server'), ...as('console'), '--port', '22', '--rate', String(20 / 60)],
      ...['--run', String(ssh.trueBytes - ssh.deniedBytes - wrapBytes), '--pause', '50', '--timeout', '5000'],
    ] as [string, ...string[]],
  },
]

/** Command line of a part, for so many seconds at most. */
export function argvOf({ argv: [program, ...words] }: Part, seconds: number): string[] {
  return [...trafficProgram(program), ...words, '--duration', String(seconds)]
}

/** Gives the namespaces the addresses of their parts. */
export async function dress(lab: Lab): Promise<void> {
  const { monitor, operator, visitor, console } = addresses
  const outside = [...rangeOf(addresses.hosts), monitor, operator, visitor, console]
  const inside = [...rangeOf(addresses.monitored), addresses.reader, addresses.downloader, addresses.resolver]
  await Promise.all([addTo(lab.ns('client'), outside), addTo(lab.ns('inside'), inside)])
}

async function addTo(ns: LabNamespace, all: readonly string[]): Promise<void> {
  const input = all.map((address) => `addr add ${address}/24 dev eth0\n`).join('')
  const { code, stderr } = await ns.exec(['ip', '-batch', '-'], { input })
  if (code !== 0) throw new LabError(`addresses of ${ns.role}: ${stderr.trim()}`)
}

/** The addresses of `A.B.C.D-E`. */
function rangeOf(text: string): string[] {
  const [, network, first, last] = /^(.*\.)(\d+)-(\d+)$/.exec(text)!
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => `${network}${Number(first) + i}`)
}
