/**
 * Which captures may be sent again and keep their flows: those in which no gap lies so near to a threshold of the features
 * that a sender's lateness takes it to the other side.
 */

import type { Packet } from '../oracle/packets.js'
import { packetsOf, type TimedFrame } from '../oracle/scene.js'

/** Gaps at which a feature jumps, us: bulk and subflow, idle. Source: bpf/cic.h. */
const thresholdsUs = [1_000_000, 5_000_000]
/** So far from each of them every gap must stay, us. */
const marginUs = 10_000
/** No flow of a shorter capture comes near the 120 s at which one ends, us. Source: bpf/flow.h. */
const longestUs = 110_000_000

/**
 * @param frames in order of time
 * @returns why the flows of these frames may change when each is sent a little late, a line each; none when they may not
 */
export function doubtfulGaps(frames: readonly TimedFrame[]): string[] {
  const packets = packetsOf(frames)
  const conversations = new Map<string, Packet[]>()
  for (const packet of packets) {
    const ends = [`${packet.src} ${packet.srcPort}`, `${packet.dst} ${packet.dstPort}`].sort()
    const key = [...ends, packet.protocol].join(' ')
    const known = conversations.get(key)
    if (known === undefined) conversations.set(key, [packet])
    else known.push(packet)
  }
  const spanUs = (packets.at(-1)?.timeUs ?? 0) - (packets[0]?.timeUs ?? 0)
  return [
    ...(spanUs > longestUs ? [`${spanUs} us long`] : []),
    ...[...conversations].flatMap(([key, own]) =>
      [...nearThreshold(own), ...atOneTime(own)].map((why) => `${key}: ${why}`),
    ),
  ]
}

/** Gaps count between all packets, between those of one direction, and between those of it that carry data. */
function nearThreshold(packets: readonly Packet[]): string[] {
  const source = packets[0]?.src
  const ways = [packets.filter(({ src }) => src === source), packets.filter(({ src }) => src !== source)]
  const lists = [packets, ...ways, ...ways.map((way) => way.filter(({ payloadBytes }) => payloadBytes > 0))]
  return lists
    .flatMap(gapsOf)
    .filter((us) => thresholdsUs.some((threshold) => Math.abs(us - threshold) < marginUs))
    .map((us) => `a gap of ${us} us`)
}

/**
 * Packets at one time leave one after the other: data of the other side breaks a bulk then, and what was no active period
 * becomes one.
 */
function atOneTime(packets: readonly Packet[]): string[] {
  const isPaused = gapsOf(packets).some((us) => us > (thresholdsUs[1] as number))
  return packets.flatMap((packet, i) => {
    const before = packets[i - 1]
    if (before?.timeUs !== packet.timeUs) return []
    const isData = before.src !== packet.src && before.payloadBytes > 0 && packet.payloadBytes > 0
    return isData || isPaused ? [`two packets at ${packet.timeUs} us`] : []
  })
}

function gapsOf(packets: readonly Packet[]): number[] {
  return packets.slice(1).map(({ timeUs }, i) => timeUs - (packets[i] as Packet).timeUs)
}
