/** Random conversations at the edges of the rules: the same seed gives the same packets. */

import { createRandom, type Random } from '../random.js'
import { chaoticTcp, scriptedTcp } from './random-tcp.js'
import type { Scene } from './scene.js'
import { createTalk, type Talk } from './talk.js'

/** Time of the first packet of a scene, us since 1970. */
const startUs = 1_000_000_000_000_000

const ipv4 = ['198.51.100.7', '203.0.113.1', '192.0.2.33'] as const
const ipv6 = ['2001:db8::7', '2001:db8:1::1', '2001:db8:2::33'] as const

/** One to four conversations, mixed by time. */
export function drawScene(seed: number): Scene {
  const random = createRandom(seed)
  const talks = Array.from({ length: 1 + random.below(4) }, (_, i) => drawTalk(random, i))
  return talks.flatMap((talk) => talk.packets).sort((a, b) => a.timeUs - b.timeUs)
}

function drawTalk(random: Random, i: number): Talk {
  const addresses = random.pick([ipv4, ipv4, ipv6])
  const client = random.pick(addresses)
  // One in ten talks to itself.
  const server = random.below(10) === 0 ? client : random.pick(addresses)
  const talk = createTalk({
    random,
    startUs: startUs + random.pick([0, 0, 1, 40_000, 3_000_000]),
    // Few, so that conversations meet; a client may also use the port of the server.
    client: { address: client, port: random.pick([40_000 + i, 40_000, 443]) },
    server: { address: server, port: random.pick([443, 443, 53, 8080]) },
  })
  random.pick([scriptedTcp, scriptedTcp, chaoticTcp, chaoticTcp, udpDialogue, pings])(talk, random)
  return talk
}

function udpDialogue(talk: Talk, random: Random): void {
  for (let left = 1 + random.below(20); left > 0; left--) {
    talk.pause()
    talk.udp(random.next() < 0.6, { payloadBytes: random.pick([0, 1, 33, 512, 1200]) })
  }
}

/** Types and codes of which some differ in both from the first. */
function pings(talk: Talk, random: Random): void {
  const types = talk.isIpv6 ? [128, 129, 128, 129, 1, 3] : [8, 0, 8, 0, 3, 11]
  const isOrdinary = random.next() < 0.5
  for (let left = 1 + random.below(12); left > 0; left--) {
    talk.pause()
    const type = isOrdinary ? random.pick(types.slice(0, 2)) : random.pick(types)
    talk.icmp(random.next() < 0.6, {
      type,
      code: isOrdinary ? 0 : random.pick([0, 0, 1, 3]),
      payloadBytes: random.pick([0, 56, 1000]),
    })
  }
}
