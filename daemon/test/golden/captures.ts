/** The golden captures, packet by packet. What each is for stands beside its packets. */

import { arp, ethernet, ipv4Fragments, ipv6Fragments, tcpOptions, udp } from '../../../lab/packet.js'
import type { TimedFrame } from '../oracle/scene.js'
import { baseUs, icmpFrames, mixed, type TcpLine, tcpFrames, udpFrames } from './exchange.js'

const client = '198.51.100.7'
const server = '203.0.113.1'
const ends = { src: client, dst: server }
const ends6 = { src: '2001:db8::7', dst: '2001:db8:1::1' }
const mss = { options: tcpOptions({ mss: 1460 }) }
const second = 1_000_000

/** By name of the file, without its ending. */
export const goldenCaptures: ReadonlyMap<string, readonly TimedFrame[]> = new Map([
  ['hello', hello()],
  ['endings', endings()],
  ['flags', flags()],
  ['limits', limits()],
  ['bulks', bulks()],
  ['datagrams', datagrams()],
])

/** One request and its answer: small enough to be computed by hand. */
function hello(): TimedFrame[] {
  return tcpFrames(ends, [
    [0, '>', 'S', 0, { window: 64_240, ...mss }],
    [10_000, '<', 'SA', 0, { window: 28_960, ...mss }],
    [20_000, '>', 'A', 0, { window: 502 }],
    [30_000, '>', 'PA', 100, { window: 502 }],
    [50_000, '<', 'A', 0, { window: 500 }],
    [70_000, '<', 'PA', 300, { window: 500 }],
    [80_000, '>', 'A', 0, { window: 501 }],
  ])
}

/** How TCP flows end, and what comes after the end. */
function endings(): TimedFrame[] {
  const opened: TcpLine[] = [
    [0, '>', 'S'],
    [900, '<', 'SA'],
    [1500, '>', 'A'],
  ]
  const again = (atUs: number): TcpLine[] => opened.map(([us, ...rest]) => [atUs + us, ...rest])
  const rows: readonly (readonly TcpLine[])[] = [
    // The client closes; a late acknowledgement is of the closed flow, a SYN of the next one.
    [
      ...opened,
      [3000, '>', 'FA'],
      [4000, '<', 'A'],
      [5000, '<', 'FA'],
      [6000, '>', 'A'],
      [9000, '<', 'A'],
      ...again(20_000),
    ],
    // The server closes; it also calls next, and is the source of that flow.
    [
      ...opened,
      [3000, '<', 'FA'],
      [4000, '>', 'FA'],
      [5000, '<', 'A'],
      [7000, '<', 'S'],
      [7500, '>', 'SA'],
      [8000, '<', 'A'],
    ],
    // Both close at the same time.
    [...opened, [3000, '>', 'FA'], [3000, '<', 'FA'], [3100, '>', 'A'], [3100, '<', 'A'], ...again(3200)],
    // Two FIN of one side do not close: the SYN stays in the flow.
    [...opened, [3000, '>', 'FA'], [4000, '>', 'FA'], [5000, '>', 'A'], ...again(6000)],
    // A FIN that begins a flow is one of the two that close.
    [[0, '>', 'FA'], [100, '<', 'FA'], [200_100, '<', 'FA'], [200_200, '>', 'A'], ...again(300_000)],
    // Reset, and a stray packet after it.
    [...opened, [3000, '>', 'PA', 20], [3000, '<', 'RA'], [3500, '>', 'A'], ...again(4000)],
    // A reset that begins a flow does not close it.
    [[0, '<', 'R'], ...again(4000)],
    // A SYN-ACK that begins a flow comes from the server.
    [
      [0, '<', 'SA'],
      [100, '>', 'A'],
      [200, '<', 'PA', 50],
    ],
    // Refused: each attempt is a flow.
    [
      [0, '>', 'S'],
      [50, '<', 'RA'],
      [500_000, '>', 'S'],
      [500_050, '<', 'RA'],
    ],
  ]
  return mixed(...rows.map((lines, i) => tcpFrames({ ...ends, srcPort: 40_001 + i }, lines)))
}

/** Flags, windows, repeated and padded packets, equal addresses, IPv6. */
function flags(): TimedFrame[] {
  return mixed(
    // Payload on a SYN, ECN, urgent data, a closed window that opens, the same segment twice.
    tcpFrames(ends, [
      [0, '>', 'SEC', 40, { window: 29_200 }],
      [1000, '<', 'SAE', 0, { window: 0 }],
      [2000, '>', 'A'],
      [2000, '<', 'A', 0, { window: 5840 }],
      [3000, '>', 'PAU', 1, { urgent: 1 }],
      [4000, '<', 'AE'],
      [5000, '>', 'PAC', 60],
      [305_000, '>', 'PAC', 60],
      [306_000, '<', 'PAU', 9, { urgent: 9 }],
      [307_000, '<', 'RU'],
      [308_000, '>', 'R'],
    ]),
    // Padding and tags are no payload.
    tcpFrames({ ...ends, srcPort: 40_002, link: { minBytes: 60, vlans: [{ vid: 7 }] } }, [
      [0, '>', 'A', 1],
      [10, '<', 'A'],
      [20, '>', 'A'],
    ]),
    // No flags at all, and all of them.
    tcpFrames({ ...ends, srcPort: 40_003 }, [
      [0, '>', ''],
      [0, '>', 'FSRPAUEC'],
    ]),
    // Both ends have one address: all packets are forward.
    tcpFrames({ src: '192.0.2.33', dst: '192.0.2.33' }, [
      [0, '>', 'S'],
      [5, '<', 'SA'],
      [9, '>', 'A'],
      [12, '<', 'PA', 30],
    ]),
    tcpFrames({ ...ends6, link: { extensions: [{ type: 'hopByHop' }, { type: 'destination' }] } }, [
      [0, '>', 'S', 0, mss],
      [700, '<', 'SA', 0, mss],
      [1400, '>', 'PA', 120],
      [2100, '<', 'FPA', 80],
    ]),
  )
}

/** One microsecond before, at and after 1 s, 5 s and 120 s. */
function limits(): TimedFrame[] {
  const answered = (beforeUs: number): TcpLine[] => [
    [0, '>', 'S'],
    [1000, '<', 'SA'],
    // What follows is a flow of its own only after 120 s, and may begin backward.
    [60 * second, '>', 'PA', 10],
    [120 * second + beforeUs, '<', 'PA', 70],
    [121 * second, '>', 'A'],
    // The third flow of one connection.
    [245 * second, '>', 'FA'],
  ]
  return mixed(
    ...[-1, 0, 1].map((us, i) => tcpFrames({ ...ends, srcPort: 40_001 + i }, answered(us))),
    // Subflows begin after 1 s, idle time after 5 s.
    ...[-1, 0, 1].map((us, i) =>
      udpFrames({ ...ends, srcPort: 40_011 + i }, [
        [0, '>', 5],
        [second + us, '<', 15],
        [second + us, '>', 25],
        [6 * second + 2 * us, '>', 35],
        [6 * second + 2 * us + 400, '<', 45],
        [19 * second, '>', 55],
      ]),
    ),
    // A UDP dialogue keeps its direction over a split, unless it was silent for more than 120 s.
    ...[-1, 0, 1].map((us, i) =>
      udpFrames({ ...ends, srcPort: 40_021 + i }, [
        [0, '>', 11],
        [3 * second, '>', 12],
        [123 * second + us, '<', 13],
        [124 * second, '>', 14],
      ]),
    ),
    // Closed, and a SYN of the server after more than 120 s: not a continuation.
    tcpFrames({ ...ends, srcPort: 40_031 }, [
      [0, '>', 'S'],
      [1000, '<', 'RA'],
      [130 * second, '<', 'S'],
    ]),
    // Closed, and something else after more than 120 s: a continuation.
    tcpFrames({ ...ends, srcPort: 40_032 }, [
      [0, '>', 'S'],
      [1000, '<', 'RA'],
      [130 * second, '<', 'A'],
    ]),
  )
}

/** Runs of packets with payload. */
function bulks(): TimedFrame[] {
  const run = (atUs: number, packets: number, everyUs: number): TcpLine[] =>
    Array.from({ length: packets }, (_, i) => [atUs + i * everyUs, '<', 'A', 100 + i])
  const rows: readonly (readonly TcpLine[])[] = [
    // Three are none, four are one, and two runs have their mean.
    run(0, 3, 100),
    run(0, 4, 100),
    [[0, '>', 'PA', 7], ...run(100, 5, 250), ...run(3 * second, 6, 500)],
    // An acknowledgement does not break a run, data does.
    [...run(0, 3, 100), [250, '>', 'A'], ...run(300, 3, 100)],
    [...run(0, 3, 100), [250, '>', 'A', 1], ...run(300, 3, 100)],
    // Data at the very time at which the run began does not.
    [...run(0, 1, 100), [0, '>', 'PA', 1], ...run(100, 4, 100)],
    // A run may wait for 1 s between two packets.
    [...run(0, 4, second), ...run(4 * second + 1, 4, second)],
    [...run(0, 2, second + 1), ...run(9 * second, 4, 0)],
  ]
  return mixed(...rows.map((lines, i) => tcpFrames({ ...ends, srcPort: 40_001 + i }, lines)))
}

/** UDP, ICMP, ICMPv6 and first fragments. */
function datagrams(): TimedFrame[] {
  const fragmented = { srcPort: 40_002, dstPort: 53, payload: new Uint8Array(112) }
  const whole = { src: client, dst: server, payload: udp(fragmented), moreFragments: false }
  const inPieces = [
    // Later fragments have no ports and are in no flow.
    ...ipv4Fragments(whole, 64),
    ...ipv6Fragments({ ...ends6, payload: udp(fragmented) }, 64),
  ].map((payload, i) => ({ timeUs: baseUs + 10 * i, data: ethernet({ payload }) }))
  return mixed(
    udpFrames({ ...ends, dstPort: 53 }, [
      [0, '>', 33],
      [1800, '<', 49],
    ]),
    udpFrames({ ...ends6, dstPort: 53 }, [
      [0, '>', 0],
      [0, '>', 0],
    ]),
    icmpFrames(ends, [
      [0, '>', 8, 0],
      [300, '<', 0, 0],
      // Type and code both differ from the first packet: another flow, whose source is the sender.
      [900, '<', 3, 1],
      [1000, '<', 3, 3],
    ]),
    icmpFrames({ ...ends, dst: '192.0.2.33' }, [
      [0, '>', 8, 0],
      [121 * second, '<', 0, 0],
    ]),
    icmpFrames(ends6, [
      [0, '>', 128, 0],
      [300, '<', 129, 0],
    ]),
    inPieces,
    // In no flow.
    [{ timeUs: baseUs, data: ethernet({ payload: arp({ senderIp: client, targetIp: server }) }) }],
  )
}
