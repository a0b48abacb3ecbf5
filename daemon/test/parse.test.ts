/** The parser in the loaded programs: frame in, flow or the kind of what is no flow out. Nothing is ever dropped here. */

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import {
  arp,
  concat,
  ethernet,
  frame,
  type Ipv6Extension,
  icmp,
  icmpPacket,
  icmpv6,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  opaque,
  pppoe,
  raw,
  tcp,
  tcpOptions,
  tcpPacket,
  udp,
  udpPacket,
} from '../../lab/packet.js'
import { xdpPass } from '../src/kernel/replay.js'
import { flowRecord, type Unparsed } from '../src/kernel/wire.js'
import { type LoadedPrograms, loadUnavailable, openPrograms, tcPass } from './loaded-programs.js'
import { createRandom } from './random.js'

const v4 = { src: '192.0.2.7', dst: '198.51.100.9' }
const v6 = { src: '2001:db8::7', dst: '2001:db8:1::9' }
const ports = { srcPort: 40_001, dstPort: 443 }
const protocols = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 }

type UnparsedKind = Exclude<keyof typeof Unparsed, 'max'>

interface Accounted {
  readonly src: string
  readonly dst: string
  readonly srcPort: number
  readonly dstPort: number
  readonly protocol: number
  /** L4 payload, bytes. */
  readonly payload: number
  /** L4 header, bytes. */
  readonly header: number
}

/** What becomes of a frame: a flow, or a count of what it is instead. */
type Outcome = Accounted | UnparsedKind

interface Row {
  readonly name: string
  readonly frame: Uint8Array
  readonly expected: Outcome
  /** Where it differs: offload leaves lengths 0 on the way out. */
  readonly egress?: Outcome
}

const flow = (
  ends: { src: string; dst: string },
  protocol: keyof typeof protocols,
  payload: number,
  header: number,
): Accounted => ({
  ...ends,
  ...(protocol.startsWith('icmp') ? { srcPort: 0, dstPort: 0 } : ports),
  protocol: protocols[protocol],
  payload,
  header,
})
const row = (name: string, bytes: Uint8Array, expected: Outcome, egress: Outcome = expected): Row => ({
  name,
  frame: bytes,
  expected,
  egress,
})

const hopByHop: Ipv6Extension = { type: 'hopByHop' }
const destination: Ipv6Extension = { type: 'destination' }
const routing: Ipv6Extension = { type: 'routing', data: new Uint8Array(20) }
const ah: Ipv6Extension = { type: 'ah' }
const long: Ipv6Extension = { type: 'destination', options: new Uint8Array(46) }
const behind = (...extensions: Ipv6Extension[]) =>
  tcpPacket({ ...v6, ...ports, flags: 'S', payload: 'abc', extensions })
const tags = (...tpids: number[]) => tpids.map((tpid, i) => ({ tpid, vid: 100 + i }))
const segment = tcp({ ...ports, flags: 'PA', payload: 'abcde' })
const words = (bytes: number) => new Uint8Array(bytes)

const plain: readonly Row[] = [
  row('TCP in IPv4', tcpPacket({ ...v4, ...ports, payload: 'hello' }), flow(v4, 'tcp', 5, 20)),
  row('TCP in IPv6', tcpPacket({ ...v6, ...ports, payload: 'hello' }), flow(v6, 'tcp', 5, 20)),
  row('UDP in IPv4', udpPacket({ ...v4, ...ports, payload: 'hello' }), flow(v4, 'udp', 5, 8)),
  row('UDP in IPv6', udpPacket({ ...v6, ...ports, payload: 'hello' }), flow(v6, 'udp', 5, 8)),
  row('ICMP', icmpPacket({ ...v4, payload: 'hello' }), flow(v4, 'icmp', 0, 0)),
  row('ICMPv6', icmpPacket({ ...v6, payload: 'hello' }), flow(v6, 'icmpv6', 0, 0)),
  row(
    'TCP with options',
    tcpPacket({ ...v4, ...ports, options: tcpOptions({ mss: 1460, windowScale: 7, sackPermitted: true }) }),
    flow(v4, 'tcp', 0, 32),
  ),
  row('TCP without payload', tcpPacket({ ...v4, ...ports }), flow(v4, 'tcp', 0, 20)),
  row('UDP without payload', udpPacket({ ...v4, ...ports }), flow(v4, 'udp', 0, 8)),
  row('a large frame', udpPacket({ ...v4, ...ports, payload: words(1472) }), flow(v4, 'udp', 1472, 8)),
]

const links: readonly Row[] = [
  row('one VLAN tag', tcpPacket({ ...v4, ...ports, vlans: tags(0x8100) }), flow(v4, 'tcp', 0, 20)),
  row('one 802.1ad tag', tcpPacket({ ...v4, ...ports, vlans: tags(0x88a8) }), flow(v4, 'tcp', 0, 20)),
  row('QinQ', tcpPacket({ ...v4, ...ports, vlans: tags(0x88a8, 0x8100) }), flow(v4, 'tcp', 0, 20)),
  row('QinQ around IPv6', udpPacket({ ...v6, ...ports, vlans: tags(0x88a8, 0x8100) }), flow(v6, 'udp', 0, 8)),
  row('old QinQ', tcpPacket({ ...v4, ...ports, vlans: tags(0x9100, 0x8100) }), flow(v4, 'tcp', 0, 20)),
  row('three tags', tcpPacket({ ...v4, ...ports, vlans: tags(0x88a8, 0x8100, 0x8100) }), 'notIp'),
  row('ARP', ethernet({ payload: arp({ senderIp: v4.src, targetIp: v4.dst }) }), 'arp'),
  row(
    'ARP behind a tag',
    ethernet({ vlans: tags(0x8100), payload: arp({ senderIp: v4.src, targetIp: v4.dst }) }),
    'arp',
  ),
  row('PPPoE session', ethernet({ payload: pppoe({ payload: ipv4({ ...v4, payload: segment }) }) }), 'pppoe'),
  row('PPPoE discovery', ethernet({ payload: raw(0x8863, words(20)) }), 'pppoe'),
  row('MPLS', ethernet({ payload: raw(0x8847, words(60)) }), 'notIp'),
  row('an 802.3 length', ethernet({ payload: raw(60, words(60)) }), 'notIp'),
  row('nothing behind Ethernet', ethernet({ payload: raw(0x88cc) }), 'notIp'),
]

const ipv4Rows: readonly Row[] = [
  row(
    'IPv4 options',
    ethernet({ payload: ipv4({ ...v4, options: words(12), payload: segment }) }),
    flow(v4, 'tcp', 5, 20),
  ),
  row(
    'the longest IPv4 header',
    ethernet({ payload: ipv4({ ...v4, options: words(40), payload: segment }) }),
    flow(v4, 'tcp', 5, 20),
  ),
  row('GRE', frame({ ...v4, payload: opaque(47, words(40)) }), 'protocol'),
  row('SCTP', frame({ ...v4, payload: opaque(132, words(40)) }), 'protocol'),
  row('ESP', frame({ ...v4, payload: opaque(50, words(40)) }), 'protocol'),
  row('ICMPv6 in IPv4', frame({ ...v4, payload: opaque(58, words(40)) }), 'protocol'),
  row('AH in IPv4', frame({ ...v4, payload: opaque(51, words(40)) }), 'protocol'),
  row('IPv4 that ends with its header', frame({ ...v4, payload: opaque(6) }), 'truncated'),
]

const [first4, later4] = ipv4Fragments({ ...v4, payload: udp({ ...ports, payload: words(40) }) }, 24) as [
  ReturnType<typeof ipv4>,
  ReturnType<typeof ipv4>,
]
const [first6, later6] = ipv6Fragments({ ...v6, payload: udp({ ...ports, payload: words(40) }) }, 24) as [
  ReturnType<typeof ipv6>,
  ReturnType<typeof ipv6>,
]
const fragments: readonly Row[] = [
  row(
    'the first fragment of IPv4 counts what it carries',
    ethernet({ payload: first4 }),
    flow(v4, 'udp', 16, 8),
  ),
  row('a later fragment of IPv4', ethernet({ payload: later4 }), 'fragment'),
  row(
    'the first fragment of IPv6 counts what it carries',
    ethernet({ payload: first6 }),
    flow(v6, 'udp', 16, 8),
  ),
  row('a later fragment of IPv6', ethernet({ payload: later6 }), 'fragment'),
  row('an atomic fragment', behind({ type: 'fragment' }), flow(v6, 'tcp', 3, 20)),
  row(
    'a later fragment behind other headers',
    behind(hopByHop, routing, { type: 'fragment', offset: 8 }),
    'fragment',
  ),
  row(
    'the last fragment of IPv4 with nothing but its offset',
    ethernet({ payload: ipv4({ ...v4, protocol: 6, fragmentOffset: 8, payload: words(1) }) }),
    'fragment',
  ),
  row(
    'a first fragment that cuts the TCP header',
    ethernet({
      minBytes: 60,
      payload: ipv4({ ...v4, protocol: 6, moreFragments: true, payload: segment.bytes().subarray(0, 8) }),
    }),
    'malformed',
  ),
]

const extensions: readonly Row[] = [
  row('hop-by-hop', behind(hopByHop), flow(v6, 'tcp', 3, 20)),
  row('routing', behind(routing), flow(v6, 'tcp', 3, 20)),
  row('destination options', behind(destination), flow(v6, 'tcp', 3, 20)),
  row('authentication header', behind(ah), flow(v6, 'tcp', 3, 20)),
  row('a long header', behind(long), flow(v6, 'tcp', 3, 20)),
  row(
    'all of them',
    behind(hopByHop, destination, routing, { type: 'fragment' }, ah, destination),
    flow(v6, 'tcp', 3, 20),
  ),
  row('seven headers', behind(...new Array<Ipv6Extension>(7).fill(destination)), flow(v6, 'tcp', 3, 20)),
  row('eight headers', behind(...new Array<Ipv6Extension>(8).fill(destination)), 'extensions'),
  row('twenty headers', behind(...new Array<Ipv6Extension>(20).fill(hopByHop)), 'extensions'),
  row(
    'ICMPv6 behind a hop-by-hop header',
    icmpPacket({ ...v6, type: 143, extensions: [hopByHop] }),
    flow(v6, 'icmpv6', 0, 0),
  ),
  row(
    'UDP behind two headers',
    udpPacket({ ...v6, ...ports, payload: 'ab', extensions: [hopByHop, ah] }),
    flow(v6, 'udp', 2, 8),
  ),
  row('no next header', frame({ ...v6, payload: opaque(59) }), 'protocol'),
  row(
    'GRE behind a header',
    frame({ ...v6, extensions: [destination], payload: opaque(47, words(20)) }),
    'protocol',
  ),
  row('ESP', frame({ ...v6, payload: opaque(50, words(20)) }), 'protocol'),
  row('ICMP in IPv6', frame({ ...v6, payload: opaque(1, words(20)) }), 'protocol'),
]

/** IPv6 with a first extension header whose length byte is a lie. */
const longExtension = (units: number) => {
  const bytes = behind(destination)
  bytes[14 + 40 + 1] = units
  return bytes
}

const lengths: readonly Row[] = [
  row(
    'IPv4 longer than the frame',
    ethernet({ payload: ipv4({ ...v4, totalLength: 46, payload: segment }) }),
    'malformed',
  ),
  row(
    'IPv4 shorter than its header',
    ethernet({ payload: ipv4({ ...v4, totalLength: 19, payload: segment }) }),
    'malformed',
  ),
  row(
    'IPv4 of length 0',
    ethernet({ payload: ipv4({ ...v4, totalLength: 0, payload: segment }) }),
    'malformed',
    flow(v4, 'tcp', 5, 20),
  ),
  row(
    'IPv4 header of 16 bytes',
    ethernet({ payload: ipv4({ ...v4, headerWords: 4, payload: segment }) }),
    'malformed',
  ),
  row(
    'IPv4 header longer than the packet',
    ethernet({ payload: ipv4({ ...v4, headerWords: 15, payload: segment }) }),
    'malformed',
  ),
  row('IPv4 of version 5', ethernet({ payload: ipv4({ ...v4, version: 5, payload: segment }) }), 'malformed'),
  row(
    'IPv6 longer than the frame',
    ethernet({ payload: ipv6({ ...v6, payloadLength: 26, payload: segment }) }),
    'malformed',
  ),
  row(
    'IPv6 of length 0',
    ethernet({ payload: ipv6({ ...v6, payloadLength: 0, payload: segment }) }),
    'malformed',
    flow(v6, 'tcp', 5, 20),
  ),
  row(
    'IPv4 called IPv6',
    ethernet({ etherType: 0x86dd, payload: concat(ipv4({ ...v4, payload: segment }).bytes(), words(40)) }),
    'malformed',
  ),
  row('an extension header longer than the packet', longExtension(5), 'malformed'),
  row('an extension header of the greatest length', longExtension(255), 'malformed'),
  row('TCP data offset below 5', tcpPacket({ ...v4, ...ports, headerWords: 4 }), 'malformed'),
  row(
    'TCP data offset past the packet',
    tcpPacket({ ...v4, ...ports, headerWords: 7, payload: 'abcdefg' }),
    'malformed',
  ),
  row(
    'TCP data offset to the last byte',
    tcpPacket({ ...v4, ...ports, headerWords: 7, payload: words(8) }),
    flow(v4, 'tcp', 0, 28),
  ),
  row(
    'UDP whose length field is too long',
    udpPacket({ ...v4, ...ports, length: 9000, payload: 'ab' }),
    flow(v4, 'udp', 2, 8),
  ),
  row(
    'UDP whose length field is too short',
    udpPacket({ ...v4, ...ports, length: 1, payload: 'ab' }),
    flow(v4, 'udp', 2, 8),
  ),
]

const padding: readonly Row[] = [
  row(
    'an ACK padded to 60 bytes',
    tcpPacket({ ...v4, ...ports, flags: 'A', minBytes: 60 }),
    flow(v4, 'tcp', 0, 20),
  ),
  row(
    'one byte of UDP padded to 60 bytes',
    udpPacket({ ...v4, ...ports, payload: 'x', minBytes: 60 }),
    flow(v4, 'udp', 1, 8),
  ),
  row(
    'IPv6 with a trailer',
    udpPacket({ ...v6, ...ports, payload: 'x', minBytes: 200 }),
    flow(v6, 'udp', 1, 8),
  ),
  row(
    'a padded frame behind two tags',
    tcpPacket({ ...v4, ...ports, flags: 'A', vlans: tags(0x88a8, 0x8100), minBytes: 68 }),
    flow(v4, 'tcp', 0, 20),
  ),
  ...(
    [
      ['TCP', 6, 19],
      ['UDP', 17, 7],
      ['ICMP', 1, 3],
    ] as const
  ).map(([name, protocol, bytes]) =>
    row(
      `padding is no ${name} header`,
      ethernet({ minBytes: 60, payload: ipv4({ ...v4, payload: opaque(protocol, words(bytes)) }) }),
      'malformed',
    ),
  ),
  row(
    'padding is no extension header',
    ethernet({ minBytes: 80, payload: ipv6({ ...v6, payload: opaque(60, words(7)) }) }),
    'malformed',
  ),
]

const tables: readonly (readonly [string, readonly Row[]])[] = [
  ['plain headers', plain],
  ['link layers', links],
  ['IPv4', ipv4Rows],
  ['fragments', fragments],
  ['IPv6 extension headers', extensions],
  ['lengths that lie', lengths],
  ['Ethernet padding', padding],
]

/** Frames that are cut at every byte. */
const representative: readonly (readonly [string, Uint8Array])[] = [
  ['TCP in IPv4', tcpPacket({ ...v4, ...ports, options: tcpOptions({ mss: 1460 }), payload: 'hello' })],
  [
    'UDP in IPv4 with options behind two tags',
    ethernet({
      vlans: tags(0x88a8, 0x8100),
      payload: ipv4({ ...v4, options: words(8), payload: udp({ ...ports, payload: 'hello' }) }),
    }),
  ],
  ['ICMP', ethernet({ payload: ipv4({ ...v4, payload: icmp({ payload: 'hello' }) }) })],
  ['TCP in IPv6 behind four headers', behind(hopByHop, routing, { type: 'fragment' }, ah)],
  ['UDP in IPv6', udpPacket({ ...v6, ...ports, payload: 'hello' })],
  [
    'ICMPv6 behind a tag',
    ethernet({ vlans: tags(0x8100), payload: ipv6({ ...v6, payload: icmpv6({ payload: 'hello' }) }) }),
  ],
]

/** Behind a tag: a test run of a TC program refuses untagged frames that end inside the IP header. */
function tagged(bytes: Uint8Array): Uint8Array {
  return bytes[12] === 0x88
    ? bytes
    : concat(bytes.subarray(0, 12), Uint8Array.of(0x81, 0, 0, 5), bytes.subarray(12))
}

/** What the programs made of the frames since the last call: flows ended now, and the kinds that were counted. */
function outcomes(programs: LoadedPrograms, run: () => void): Outcome[] {
  const before = programs.counters()
  run()
  programs.sweep(0, { flush: true })
  const after = programs.counters()
  const { flows, offsets, view } = programs.decoded()
  const get = flowRecord.get
  const found: Outcome[] = flows.flatMap(({ kind, ...key }, i) => {
    if (kind !== 'ended') return []
    const at = offsets[i] as number
    const { src, dst, srcPort, dstPort, protocol } = key
    const header = get.flowDir0HeaderBytes(view, at) + get.flowDir1HeaderBytes(view, at)
    return [{ src, dst, srcPort, dstPort, protocol, payload: key.bytesFwd + key.bytesBwd, header }]
  })
  for (const kind of Object.keys(before.unparsed) as UnparsedKind[]) {
    for (let i = before.unparsed[kind]; i < after.unparsed[kind]; i++) found.push(kind)
  }
  return found
}

describe('the parser', { skip: skipOrFail(loadUnavailable()) }, () => {
  let strict: LoadedPrograms
  let lenient: LoadedPrograms
  before(() => {
    // The real clock and strict lengths: what runs on an interface.
    strict = openPrograms({ replay: false })
    lenient = openPrograms()
  })
  after(() => {
    strict.close()
    lenient.close()
  })

  for (const [title, rows] of tables) {
    describe(title, () => {
      for (const { name, frame, expected, egress } of rows) {
        const said = (outcome: Outcome) =>
          typeof outcome === 'string' ? `is counted as ${outcome}` : 'is a flow'
        test(`${name} ${said(expected)} on the way in and passes`, () => {
          const found = outcomes(strict, () => assert.equal(strict.ingress(frame, 0), xdpPass))
          assert.deepEqual(found, [expected])
        })
        test(`${name} ${said(egress ?? expected)} on the way out and passes`, () => {
          const found = outcomes(strict, () => assert.equal(strict.egress(frame, 0), tcPass))
          assert.deepEqual(found, [egress ?? expected])
        })
      }
    })
  }

  test('the VLAN is not in the key: packets with different tags are one flow', () => {
    const found = outcomes(strict, () => {
      strict.ingress(udpPacket({ ...v4, ...ports, payload: 'a' }), 0)
      strict.ingress(udpPacket({ ...v4, ...ports, payload: 'b', vlans: tags(0x8100) }), 0)
      strict.ingress(udpPacket({ ...v4, ...ports, payload: 'c', vlans: [{ vid: 7 }] }), 0)
      strict.egress(udpPacket({ src: v4.dst, dst: v4.src, srcPort: 443, dstPort: 40_001, payload: 'd' }), 0)
    })
    assert.deepEqual(found, [flow(v4, 'udp', 4, 32)])
  })

  for (const [name, whole] of representative) {
    for (const way of ['ingress', 'egress'] as const) {
      test(`${name} cut at any byte passes on ${way}, is counted as cut or malformed, and makes no flow`, () => {
        const frame = way === 'ingress' ? whole : tagged(whole)
        for (let bytes = 14; bytes < frame.length; bytes++) {
          const found = outcomes(strict, () => {
            const verdict = strict[way](frame.subarray(0, bytes), 0)
            assert.equal(verdict, way === 'ingress' ? xdpPass : tcPass, `${bytes} bytes`)
          })
          assert.equal(found.length, 1, `${bytes} bytes: ${JSON.stringify(found)}`)
          assert.ok(found[0] === 'truncated' || found[0] === 'malformed', `${bytes} bytes: ${found[0]}`)
        }
      })
    }

    test(`${name} cut by a capture gives its own flow or none`, () => {
      const [expected] = outcomes(lenient, () => lenient.ingress(whole, 1e6))
      for (let bytes = 14; bytes < whole.length; bytes++) {
        const [found] = outcomes(lenient, () => lenient.ingress(whole.subarray(0, bytes), 1e6))
        if (found !== 'truncated') assert.deepEqual(found, expected, `${bytes} bytes`)
      }
    })
  }

  test('of frames with random faults none is dropped and none goes uncounted', () => {
    const { next, below, pick } = createRandom(7)
    const frames = [
      ...tables.flatMap(([, rows]) => rows.map((row) => row.frame)),
      ...representative.map(([, f]) => f),
    ]
    const before = strict.counters()
    const total = 20_000
    let packets = 0
    const count = () => {
      for (const flow of strict.flows())
        if (flow.kind === 'ended') packets += flow.packetsFwd + flow.packetsBwd
    }
    for (let i = 0; i < total; i++) {
      const bytes = pick(frames).slice()
      // Faults in the headers, where they matter; the EtherType mostly stays.
      for (let faults = below(4); faults >= 0; faults--) {
        bytes[Math.min(bytes.length - 1, next() < 0.05 ? below(14) : 14 + below(70))] = below(256)
      }
      const cut = next() < 0.2 ? bytes.subarray(0, 14 + below(bytes.length - 13)) : bytes
      assert.equal(strict.ingress(cut, 0), xdpPass)
      if (i % 1000 === 999) {
        strict.sweep(0, { flush: true })
        count()
      }
    }
    const after = strict.counters()
    const unparsed = (Object.keys(before.unparsed) as UnparsedKind[]).reduce(
      (sum, kind) => sum + after.unparsed[kind] - before.unparsed[kind],
      0,
    )
    assert.equal((after.packets[0] as number) - (before.packets[0] as number), total)
    assert.equal(unparsed + packets, total)
    assert.ok(
      unparsed > total / 10 && packets > total / 10,
      `${unparsed} without a flow, ${packets} in flows`,
    )
  })

  test('every packet and its frame bytes are counted by direction', () => {
    const before = strict.counters()
    const frame = udpPacket({ ...v4, ...ports, payload: words(100), minBytes: 200 })
    strict.ingress(frame, 0)
    strict.ingress(frame, 0)
    strict.egress(frame, 0)
    const after = strict.counters()
    const difference = (key: 'packets' | 'bytes') => after[key].map((n, i) => n - (before[key][i] as number))
    assert.deepEqual(difference('packets'), [2, 0, 1, 0])
    assert.deepEqual(difference('bytes'), [400, 0, 200, 0])
  })
})
