/** One random conversation in the making: a clock, two ends, and the packets so far. */

import { tcpOptions } from '../../../lab/packet.js'
import type { Random } from '../random.js'
import type { ScenePacket } from './scene.js'

export interface End {
  readonly address: string
  readonly port: number
}

export interface TcpFields {
  /** Letters of F S R P A U E C. */
  readonly flags: string
  readonly payloadBytes?: number
  readonly window?: number
}

export interface Talk {
  readonly packets: readonly ScenePacket[]
  readonly isIpv6: boolean
  /** Lets some time go by, often to just before, at or after a limit of the rules. */
  pause(): void
  /** Lets this much time go by, us. */
  wait(us: number): void
  tcp(isFromClient: boolean, fields: TcpFields): void
  udp(isFromClient: boolean, fields: { readonly payloadBytes: number }): void
  icmp(
    isFromClient: boolean,
    fields: { readonly type: number; readonly code: number; readonly payloadBytes: number },
  ): void
  /** The last packet once more. */
  repeat(): void
}

export interface TalkOptions {
  readonly random: Random
  readonly startUs: number
  readonly client: End
  readonly server: End
}

const shortUs = [0, 0, 1, 37, 500, 20_000, 300_000]
/** The limits of subflow, bulk, activity and age, us. */
const limitsUs = [1_000_000, 1_000_000, 5_000_000, 5_000_000, 30_000_000, 120_000_000, 120_000_000]

export function createTalk({ random, startUs, client, server }: TalkOptions): Talk {
  const packets: ScenePacket[] = []
  let nowUs = startUs
  const seq = { client: 1000, server: 5000 }
  // All frames of a conversation look alike, as on one wire.
  const link = {
    ...(random.below(6) === 0 ? { vlans: [{ vid: 7 }] } : {}),
    ...(random.below(3) === 0 ? { minBytes: 60 } : {}),
  }
  const options = random.pick([
    {},
    {},
    { options: tcpOptions({ timestamps: [1, 2] }) },
    { options: tcpOptions({ mss: 1460, sackPermitted: true, timestamps: [1, 0], windowScale: 7 }) },
  ])
  const ends = (isFromClient: boolean) => {
    const [from, to] = isFromClient ? [client, server] : [server, client]
    return { src: from.address, dst: to.address, srcPort: from.port, dstPort: to.port, ...link }
  }
  return {
    packets,
    isIpv6: client.address.includes(':'),
    pause() {
      if (packets.length === 0 || random.next() < 0.8) {
        nowUs += random.pick(shortUs)
        return
      }
      // Counted from the last packet, the first, or any: age counts from the first of a flow.
      const from = random.pick([packets.at(-1), packets[0], random.pick(packets)]) as ScenePacket
      const untilUs = from.timeUs + random.pick(limitsUs) + random.pick([-1, 0, 1])
      nowUs = Math.max(nowUs, untilUs)
    },
    wait(us) {
      nowUs += us
    },
    tcp(isFromClient, { payloadBytes = 0, ...fields }) {
      const [mine, other] = isFromClient ? (['client', 'server'] as const) : (['server', 'client'] as const)
      packets.push({
        timeUs: nowUs,
        tcp: { ...ends(isFromClient), seq: seq[mine], ack: seq[other], payloadBytes, ...fields, ...options },
      })
      seq[mine] += payloadBytes
    },
    udp(isFromClient, fields) {
      packets.push({ timeUs: nowUs, udp: { ...ends(isFromClient), ...fields } })
    },
    icmp(isFromClient, fields) {
      const { srcPort: _, dstPort: __, ...addresses } = ends(isFromClient)
      packets.push({ timeUs: nowUs, icmp: { ...addresses, ...fields } })
    },
    repeat() {
      const last = packets.at(-1)
      if (last !== undefined) packets.push({ ...last, timeUs: nowUs })
    },
  }
}
