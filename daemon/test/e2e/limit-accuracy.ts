/** How true a rate limit is: two senders, each on a CPU of its own, send at it together for a while. */

import type { LabNamespace } from '../../../lab/namespaces.js'
import { udpPacket } from '../../../lab/packet.js'
import { datagramsSeen, type Site, sendPath } from './harness.js'

/** So that the operator alone limits: a detector that finds the flood would have it dropped a few seconds later. */
export const noFloodDetectors = ['udp_flood', 'rate']
  .map((detector) => `[detect.${detector}]\npackets_per_s = 100000000\n`)
  .join('')

export interface LimitRun {
  /** The limit, packets a second. */
  readonly perSecond: number
  readonly seconds: number
  readonly sent: number
  /** Counted by the stack of the host, not by idsd. */
  readonly arrived: number
}

/** A limit may let so many packets through at once, beside what its rate allows. */
export function burstOf(perSecond: number): number {
  return 1 + perSecond / 100
}

/**
 * Share by which more or less arrived than the limit allows; 0.01 is one percent. Its burst is allowed, and one packet
 * less: no packet need stand at the very end of the time.
 */
export function errorOf({ perSecond, seconds, arrived }: LimitRun): number {
  const allowed = perSecond * seconds
  const over = Math.max(0, arrived - allowed - burstOf(perSecond))
  return Math.max(over, allowed - arrived - 1, 0) / allowed
}

/** Frames of both senders together. `rate` of one, frames a second, or as fast as it goes. */
async function flood(from: LabNamespace, to: LabNamespace, rate: number | 'max', seconds: number) {
  const frame = udpPacket({
    srcMac: from.macs.eth0 as string,
    dstMac: to.macs.eth0 as string,
    src: from.addresses.v4,
    dst: to.addresses.v4,
    srcPort: 9,
    dstPort: 9,
    payload: 'x',
  })
  const startAtMs = Date.now() + 500
  const one = async (cpu: number) => {
    const { code, stdout, stderr } = await from.exec(
      [
        ...['taskset', '-c', `${cpu}`, sendPath, 'flood', '--iface', 'eth0'],
        ...['--frame', Buffer.from(frame).toString('hex'), '--duration', `${seconds}`],
        ...['--rate', `${rate}`, '--start-at-ms', `${startAtMs}`],
      ],
      { timeoutMs: 60_000 },
    )
    if (code !== 0) throw new Error(stderr)
    return JSON.parse(stdout).sent as number
  }
  const [first, second] = await Promise.all([one(0), one(1)])
  return first + second
}

/** The most that both senders together bring to the host, packets a second. */
export async function highestRate(from: LabNamespace, to: LabNamespace): Promise<number> {
  const before = await datagramsSeen(to)
  await flood(from, to, 'max', 1)
  return (await datagramsSeen(to)) - before
}

/** @param rate of each sender; default: the limit, so that both send twice as much */
export async function runLimit(
  site: Site,
  from: LabNamespace,
  to: LabNamespace,
  { perSecond, seconds, rate = perSecond }: { perSecond: number; seconds: number; rate?: number | 'max' },
): Promise<LimitRun> {
  const address = from.addresses.v4
  await site.ok('block', address, '--action', 'limit', '--rate', `${perSecond}pps`, '--ttl', '10m', '--force')
  try {
    const before = await datagramsSeen(to)
    const sent = await flood(from, to, rate, seconds)
    return { perSecond, seconds, sent, arrived: (await datagramsSeen(to)) - before }
  } finally {
    await site.ok('unblock', address)
  }
}
