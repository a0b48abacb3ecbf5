/** The attacks of the soak, one after the other, each round from addresses of its own. */

import { fileURLToPath } from 'node:url'
import type { Lab } from '../namespaces.js'
import { tcpPacket } from '../packet.js'
import { trafficProgram } from '../traffic-program.js'
import { addresses } from './cast.js'

/** One attack. */
export interface Attack {
  readonly name: string
  /** When it begins, seconds after idsd was ready. */
  readonly atS: number
  readonly seconds: number
  /** Address of the attacker, who must be dropped; undefined where every source is forged. */
  readonly source: string | undefined
  /** Addresses whose name is forged: none of them may be dropped, but `nobody` may, for a minute. */
  readonly forged: readonly string[]
  /** At least one of these detectors must have found it. */
  readonly detectors: readonly string[]
  /** Its packets are so many that the kernel's budget of new flows is meant to run out. */
  readonly isFlood: boolean
  /** Programs to run at once, in the attacker's namespace. */
  readonly argvs: readonly (readonly string[])[]
}

/** A host outside that people inside ask: they open its connections. */
const asked = '10.77.0.100'
/** An address of the lab that nobody has. */
export const nobody = '10.77.0.77'
/** Attackers of one round: one for each attack that is not forged. */
export const attackersPerRound = 4
/** From the begin of one round to that of the next, s. */
const roundS = 47
/** The first attack comes so long after idsd was ready, s. */
const firstS = 4
/** Quiet time before the end, s. */
const lastQuietS = 10
/** Packets a second of each flood. */
const floodRate = 3_000
/**
 * Length of each flood, s: two firings make a block, each of 1,000 packets/s over 2 s that went unanswered for 1 s, so the
 * drop is due after some 5 s.
 */
const floodS = 7

const sender = fileURLToPath(new URL('../send', import.meta.url))

/** How many rounds fit into so many seconds of guarded traffic, at least one. */
export function roundsIn(seconds: number): number {
  return Math.max(1, Math.floor((seconds - firstS - lastQuietS) / roundS + 0.2))
}

/** The attacks of every round. `sources` are at least `attackersPerRound` for each. */
export function planAttacks(lab: Lab, rounds: number, sources: readonly string[]): Attack[] {
  return Array.from({ length: rounds }, (_, i) => {
    const own = sources.slice(i * attackersPerRound, (i + 1) * attackersPerRound)
    return roundOf(lab, firstS + i * roundS, own as [string, string, string, string])
  }).flat()
}

function roundOf(
  lab: Lab,
  beginS: number,
  [scanner, guesser, burster, flooder]: [string, string, string, string],
) {
  const to = ['--target', addresses.server, '--timeout', '400']
  const program = (name: string, source: string, seconds: number, text: string) => [
    ...[...trafficProgram(name), ...to, '--bind', source, '--duration', String(seconds), ...text.split(' ')],
  ]
  const one = (
    name: string,
    atS: number,
    seconds: number,
    rest: Omit<Attack, 'name' | 'atS' | 'seconds'>,
  ): Attack => ({
    ...{ name, atS: beginS + atS, seconds, ...rest },
  })
  const alone = (source: string) => ({ source, forged: [] })
  return [
    one('vertical scan', 0, 5, {
      ...{ ...alone(scanner), detectors: ['scan_vertical'], isFlood: false },
      argvs: [program('connect-scan', scanner, 5, '--ports 1-1000 --rate 100')],
    }),
    one('password guessing', 6.5, 6, {
      ...{ ...alone(guesser), detectors: ['login'], isFlood: false },
      argvs: [program('login-bruteforce', guesser, 6, '--service ssh --port 22 --rate 10 --concurrency 8')],
    }),
    one('UDP burst', 14, floodS, {
      ...{ ...alone(burster), detectors: ['udp_flood', 'rate'], isFlood: true },
      argvs: [program('udp-burst', burster, floodS, `--port 20000 --rate ${floodRate}`)],
    }),
    one('SYN flood', 24.5, floodS, {
      ...{ ...alone(flooder), detectors: ['syn_flood', 'rate'], isFlood: true },
      argvs: [synFlood(lab, flooder, floodS)],
    }),
    one('forged SYN flood', 35, floodS, {
      // Whose name is forged is limited: what is open, and what the inside opens, goes on.
      ...{ source: undefined, forged: [addresses.operator, asked, nobody] },
      ...{ detectors: ['syn_flood', 'rate'], isFlood: true },
      argvs: [addresses.operator, asked, nobody].map((source) => synFlood(lab, source, floodS)),
    }),
  ]
}

function synFlood(lab: Lab, source: string, seconds: number): string[] {
  const frame = tcpPacket({
    ...{ src: source, dst: addresses.server, srcPort: 40_000, dstPort: 80, flags: 'S' as const, seq: 1 },
    // The attacker's own MAC: with another one the switch would learn a wrong way.
    srcMac: lab.ns('attacker').macs.eth0!,
    dstMac: lab.daemon.macs.eth0!,
  })
  const hex = Buffer.from(frame).toString('hex')
  const pace = ['--rate', String(floodRate), '--duration', String(seconds), '--random-sport']
  return [sender, 'flood', '--iface', 'eth0', '--frame', hex, ...pace]
}
