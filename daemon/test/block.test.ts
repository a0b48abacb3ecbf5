/** The block stage of the loaded programs, written through the daemon's own block list: who is dropped, and who is not. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { skipOrFail } from '../../lab/available.js'
import {
  arp,
  ethernet,
  frame,
  type Ipv6Extension,
  icmpPacket,
  ipv4,
  ipv4Fragments,
  ipv6,
  ipv6Fragments,
  opaque,
  tcp,
  tcpPacket,
  udp,
  udpPacket,
} from '../../lab/packet.js'
import { xdpDrop, xdpPass } from '../src/kernel/replay.js'
import { BlockAction, BlockOrigin, BlockReason } from '../src/kernel/wire.js'
import {
  count,
  drop,
  expired,
  from,
  ours,
  ports,
  target,
  to,
  toAddress,
  toNumber,
  us4,
  useBlockStage,
  words,
} from './block-stage.js'
import { loadUnavailable, tcDrop, tcPass } from './loaded-programs.js'

type Carrier = (ends: { src: string; dst: string }) => Uint8Array
const qinq = [
  { tpid: 0x88a8, vid: 7 },
  { tpid: 0x8100, vid: 8 },
]
const carriers4: Readonly<Record<string, Carrier>> = {
  TCP: (ends) => tcpPacket({ ...ends, ...ports }),
  UDP: (ends) => udpPacket({ ...ends, ...ports }),
  ICMP: (ends) => icmpPacket(ends),
  GRE: (ends) => frame({ ...ends, payload: opaque(47, words(24)) }),
  SCTP: (ends) => frame({ ...ends, payload: opaque(132, words(24)) }),
  ESP: (ends) => frame({ ...ends, payload: opaque(50, words(24)) }),
  'no transport header at all': (ends) => frame({ ...ends, payload: opaque(6) }),
  'a broken TCP header': (ends) => tcpPacket({ ...ends, ...ports, headerWords: 1 }),
  'IPv4 options': (ends) => ethernet({ payload: ipv4({ ...ends, options: words(8), payload: tcp(ports) }) }),
  'a length past the frame': (ends) =>
    ethernet({ payload: ipv4({ ...ends, totalLength: 9000, payload: tcp(ports) }) }),
  'a length of 0': (ends) => ethernet({ payload: ipv4({ ...ends, totalLength: 0, payload: tcp(ports) }) }),
  'a header length below 5 words': (ends) =>
    ethernet({ payload: ipv4({ ...ends, headerWords: 4, payload: tcp(ports) }) }),
  'a first fragment': (ends) => ethernet({ payload: fragments4(ends)[0]! }),
  'a later fragment': (ends) => ethernet({ payload: fragments4(ends)[1]! }),
  'a VLAN tag': (ends) => tcpPacket({ ...ends, ...ports, vlans: [{ vid: 7 }] }),
  QinQ: (ends) => tcpPacket({ ...ends, ...ports, vlans: qinq }),
  'GRE in QinQ': (ends) => frame({ ...ends, vlans: qinq, payload: opaque(47, words(24)) }),
}
const behind =
  (...extensions: Ipv6Extension[]): Carrier =>
  (ends) =>
    tcpPacket({ ...ends, ...ports, extensions })
const carriers6: Readonly<Record<string, Carrier>> = {
  TCP: behind(),
  UDP: (ends) => udpPacket({ ...ends, ...ports }),
  'an ICMPv6 echo': (ends) => icmpPacket(ends),
  GRE: (ends) => frame({ ...ends, payload: opaque(47, words(24)) }),
  SCTP: (ends) => frame({ ...ends, payload: opaque(132, words(24)) }),
  ESP: (ends) => frame({ ...ends, payload: opaque(50, words(24)) }),
  'no next header': (ends) => frame({ ...ends, payload: opaque(59) }),
  'a hop-by-hop header': behind({ type: 'hopByHop' }),
  'a routing header': behind({ type: 'routing' }),
  'destination options': behind({ type: 'destination' }),
  'an authentication header': behind({ type: 'ah' }),
  'GRE behind a hop-by-hop header': (ends) =>
    frame({ ...ends, extensions: [{ type: 'hopByHop' }], payload: opaque(47, words(24)) }),
  'more headers than the parser walks': behind(...new Array<Ipv6Extension>(20).fill({ type: 'destination' })),
  'a length past the frame': (ends) =>
    ethernet({ payload: ipv6({ ...ends, payloadLength: 9000, payload: tcp(ports) }) }),
  'a first fragment': (ends) => ethernet({ payload: fragments6(ends)[0]! }),
  'a later fragment': (ends) => ethernet({ payload: fragments6(ends)[1]! }),
  'a VLAN tag': (ends) => tcpPacket({ ...ends, ...ports, vlans: [{ vid: 7 }] }),
  QinQ: (ends) => tcpPacket({ ...ends, ...ports, vlans: qinq }),
}
const fragments4 = (ends: { src: string; dst: string }) =>
  ipv4Fragments({ ...ends, payload: udp({ ...ports, payload: words(40) }) }, 24)
const fragments6 = (ends: { src: string; dst: string }) =>
  ipv6Fragments({ ...ends, payload: udp({ ...ports, payload: words(40) }) }, 24)

describe('the block stage', { skip: skipOrFail(loadUnavailable()) }, () => {
  const stage = useBlockStage()
  const { allow, block, disallow, mustDrop, mustPass, unblock } = stage

  for (const [family, address, carriers] of [
    ['IPv4', '198.51.100.66', carriers4],
    ['IPv6', '2001:db8:66::66', carriers6],
  ] as const) {
    for (const [kind, entry] of [
      ['address', address],
      ['prefix', family === 'IPv4' ? '198.51.100.64/26' : '2001:db8:66::/48'],
    ] as const) {
      for (const [name, carrier] of Object.entries(carriers)) {
        test(`a blocked ${family} ${kind} is dropped with ${name}: its source coming in, its destination going out`, () => {
          const sent = carrier({ src: address, dst: ours(address) })
          const answered = carrier({ src: ours(address), dst: address })
          assert.equal(stage.programs.ingress(sent, 0), xdpPass)
          assert.equal(stage.programs.egress(answered, 0), tcPass)
          block(entry)
          assert.equal(stage.programs.ingress(sent, 0), xdpDrop)
          assert.equal(stage.programs.egress(answered, 0), tcDrop)
          // The other end of the same packets is not what is judged.
          assert.equal(stage.programs.ingress(answered, 0), xdpPass)
          assert.equal(stage.programs.egress(sent, 0), tcPass)
        })
      }
    }
  }

  test('a dropped packet makes no flow', () => {
    block('198.51.100.66')
    stage.programs.flows()
    const before = stage.programs.counters().newFlows
    stage.programs.ingress(from('198.51.100.66'), 0)
    assert.equal(stage.programs.counters().newFlows, before)
    assert.deepEqual(stage.programs.flows(), [])
  })

  for (const [family, inside, lengths] of [
    [4, '198.51.77.177', [0, 1, 8, 9, 23, 24, 25, 31, 32]],
    [6, '2001:db8:77:b1::77', [0, 1, 32, 48, 63, 64, 65, 127, 128]],
  ] as const) {
    const bits = family === 4 ? 32 : 128
    for (const length of lengths) {
      test(`an IPv${family} prefix of ${length} bits drops its first and last address and not their neighbours`, () => {
        const size = 1n << BigInt(bits - length)
        const first = (toNumber(inside) / size) * size
        const last = first + size - 1n
        block(`${toAddress(first, family)}/${length}`)
        mustDrop(toAddress(first, family), inside, toAddress(last, family))
        if (first > 0n) mustPass(toAddress(first - 1n, family))
        if (last < (1n << BigInt(bits)) - 1n) mustPass(toAddress(last + 1n, family))
        mustPass(family === 4 ? '2001:db8:77:b1::77' : '198.51.77.177')
        unblock(`${toAddress(first, family)}/${length}`)
        mustPass(toAddress(first, family), inside, toAddress(last, family))
      })
    }
  }

  test('an IPv4 address and the IPv6 address with the same last bytes are two', () => {
    block('198.51.100.66')
    mustPass('::c633:6442', '2001:db8::c633:6442')
    unblock('198.51.100.66')
    block('2001:db8::c633:6442')
    mustPass('198.51.100.66')
    mustDrop('2001:db8::c633:6442')
  })

  describe('the allowlist', () => {
    const rows: readonly (readonly [
      name: string,
      blocks: string,
      allows: string,
      dropped: string[],
      passed: string[],
    ])[] = [
      ['an allow of the same address', '10.9.8.7', '10.9.8.7', [], ['10.9.8.7']],
      [
        'an allow inside a block',
        '10.0.0.0/8',
        '10.9.8.0/24',
        ['10.9.7.255', '10.9.9.0'],
        ['10.9.8.0', '10.9.8.255'],
      ],
      ['an allow that covers more than the block', '10.9.8.0/24', '10.0.0.0/8', [], ['10.9.8.7']],
      ['an allowed address inside a block', '10.0.0.0/8', '10.9.8.7', ['10.9.8.6', '10.9.8.8'], ['10.9.8.7']],
      ['an allow around a blocked address', '10.9.8.7', '10.0.0.0/8', [], ['10.9.8.7']],
      ['an allow of everything', '10.9.8.7', '0.0.0.0/0', [], ['10.9.8.7']],
      [
        'an allow inside a block of everything',
        '0.0.0.0/0',
        '10.9.8.0/25',
        ['10.9.8.128', '11.0.0.1'],
        ['10.9.8.127'],
      ],
      [
        'an IPv6 allow inside a block',
        '2001:db8::/32',
        '2001:db8:5::/48',
        ['2001:db8:6::1'],
        ['2001:db8:5::1'],
      ],
      ['an IPv6 allow around a block', '2001:db8:5::/48', '2001:db8::/32', [], ['2001:db8:5::1']],
      ['an IPv6 allow around a blocked address', '2001:db8:5::1', '2001:db8::/32', [], ['2001:db8:5::1']],
      ['an allowed IPv6 address inside a block', '::/0', '2001:db8::5', ['2001:db8::4'], ['2001:db8::5']],
      ['an allow of the other family', '10.9.8.7', '::/0', ['10.9.8.7'], []],
    ]
    for (const [name, blocks, allows, dropped, passed] of rows) {
      test(`${name} wins over the block, and only while it is there`, () => {
        block(blocks)
        allow(allows)
        mustDrop(...dropped)
        const before = stage.programs.counters().allowed
        mustPass(...passed)
        assert.equal(stage.programs.counters().allowed - before, passed.length * 2)
        disallow(allows)
        mustDrop(...dropped, ...passed)
      })
    }

    test('an allow entry is loaded by its own length, not by a wider one', () => {
      allow('10.0.0.0/8')
      assert.equal(stage.list.isAllowLoaded(target('10.0.0.0/8')), true)
      assert.equal(stage.list.isAllowLoaded(target('10.9.8.7')), false)
      stage.list.allow(target('10.9.8.0/24'), 2)
      assert.equal(stage.list.isAllowLoaded(target('10.9.8.0/24')), true)
      stage.list.disallow(target('10.9.8.0/24'))
      assert.equal(stage.list.isAllowLoaded(target('10.9.8.0/24')), false)
    })
  })

  describe('expiry', () => {
    for (const text of ['10.9.8.7', '10.9.8.0/24', '2001:db8::7', '2001:db8::/64']) {
      test(`${text} drops until it expires, and the kernel ends it alone`, () => {
        const address = text.replace(/\/.*/, '')
        const { bootUs } = stage.programs.binding.clocks()
        const expiresBootUs = bootUs + 300_000
        block(text, { ...drop, expiresBootUs })
        mustDrop(address)
        const before = stage.programs.counters().dropped.reduce((sum, n) => sum + n)
        // The kernel's clock is read once per jiffy, of 10 ms at most.
        while (stage.programs.binding.clocks().bootUs < expiresBootUs + 20_000)
          stage.programs.ingress(from(address), 0)
        assert.ok(stage.programs.counters().dropped.reduce((sum, n) => sum + n) > before)
        mustPass(address)
        assert.equal(stage.list.get(target(text))?.expiresBootUs, expiresBootUs)
      })
    }

    test('an expired longer prefix does not hide a shorter one', () => {
      block('10.9.8.0/24', expired)
      block('10.0.0.0/8')
      mustDrop('10.9.8.7')
    })
    test('an expired address does not hide a prefix', () => {
      block('10.9.8.7', expired)
      block('10.9.8.0/24')
      mustDrop('10.9.8.7')
    })
    for (const [family, lengths] of [
      [4, [8, 12, 16, 20, 24, 25, 26, 27, 28, 29]],
      [6, [16, 32, 40, 48, 56, 64, 72, 80, 96, 120]],
    ] as const) {
      test(`ten expired IPv${family} prefixes inside each other hide nothing`, () => {
        const address = family === 4 ? '10.0.0.0' : '2000::'
        for (const length of lengths) block(`${address}/${length}`, expired)
        mustPass(address)
        block(family === 4 ? '8.0.0.0/6' : '2000::/8')
        mustDrop(address)
      })
    }
    test('a block that is set again before it expires lasts', () => {
      block('10.9.8.7', expired)
      mustPass('10.9.8.7')
      block('10.9.8.7', { ...drop, expiresBootUs: stage.programs.binding.clocks().bootUs + 60e6 })
      mustDrop('10.9.8.7')
    })
  })

  describe('entries that only count', () => {
    for (const text of ['10.9.8.7', '10.9.8.0/24', '2001:db8::7', '2001:db8::/64']) {
      test(`${text} passes and is counted`, () => {
        block(text, count)
        const before = stage.programs.counters().wouldDrop
        mustPass(text.replace(/\/.*/, ''))
        assert.equal(stage.programs.counters().wouldDrop - before, 2)
        assert.equal(stage.list.get(target(text))?.packets, 2)
      })
    }
    for (const [address, prefix] of [
      ['10.9.8.7', '10.9.8.0/24'],
      ['2001:db8::7', '2001:db8::/64'],
    ] as const) {
      test(`${address} does not hide a prefix that drops`, () => {
        block(address, count)
        block(prefix)
        mustDrop(address)
        assert.equal(stage.list.get(target(address))?.packets, 2)
        assert.equal(stage.list.get(target(prefix))?.packets, 2)
      })
    }
    test('a longer prefix decides against a shorter one that drops', () => {
      block('10.9.8.0/24', count)
      block('10.0.0.0/8')
      mustPass('10.9.8.7')
      mustDrop('10.9.9.7')
    })
  })

  describe('neighbour discovery and ARP', () => {
    const discovery = { type: 135, ttl: 255, src: 'fe80::66', dst: 'ff02::1:ff00:1' }
    const global = { src: '2001:db8::66', dst: '2001:db8::1' }
    const blocks = [['fe80::66'], ['fe80::/10'], ['::/0'], ['fe80::66', '::/0']]
    for (const entries of blocks) {
      for (const type of [133, 134, 135, 136, 137]) {
        test(`ICMPv6 ${type} passes while ${entries.join(' and ')} is blocked, and is counted`, () => {
          for (const entry of entries) block(entry)
          const before = stage.programs.counters().exemptNd
          assert.equal(stage.programs.ingress(icmpPacket({ ...discovery, type }), 0), xdpPass)
          assert.equal(stage.programs.counters().exemptNd, before + 1)
        })
      }
      for (const [name, change] of [
        ['a type before them', { type: 132 }],
        ['a type behind them', { type: 138 }],
        ['an echo', { type: 128 }],
        ['a hop limit of 254', { ttl: 254 }],
        ['a code that is not 0', { code: 1 }],
        ['a hop limit of 254 between global addresses', { ...global, ttl: 254 }],
        ['an echo between global addresses', { ...global, type: 128 }],
      ] as const) {
        test(`ICMPv6 with ${name} is dropped while ${entries.join(' and ')} is blocked`, () => {
          for (const entry of [...entries, '2001:db8::66']) block(entry)
          assert.equal(stage.programs.ingress(icmpPacket({ ...discovery, ...change }), 0), xdpDrop)
        })
      }
    }
    test('duplicate address detection passes: its source is ::', () => {
      block('::/0')
      assert.equal(stage.programs.ingress(icmpPacket({ ...discovery, src: '::' }), 0), xdpPass)
    })
    test('a solicitation to a solicited-node group passes from a blocked global address', () => {
      block('2001:db8::66')
      assert.equal(stage.programs.ingress(icmpPacket({ ...discovery, src: '2001:db8::66' }), 0), xdpPass)
    })
    for (const entry of ['2001:db8::66', '2001:db8::/64']) {
      for (const type of [135, 136]) {
        test(`ICMPv6 ${type} between global addresses passes both ways while ${entry} is blocked, and is counted`, () => {
          block(entry)
          const before = stage.programs.counters().exemptNd
          const { src, dst } = global
          assert.equal(stage.programs.ingress(icmpPacket({ type, ttl: 255, src, dst }), 0), xdpPass)
          assert.equal(stage.programs.egress(icmpPacket({ type, ttl: 255, src: dst, dst: src }), 0), tcPass)
          assert.equal(stage.programs.counters().exemptNd, before + 2)
          assert.equal(stage.list.get(target(entry))?.packets, 0)
        })
      }
    }
    test('a solicitation that goes out to a blocked neighbour passes', () => {
      block('fe80::66')
      const out = icmpPacket({ ...discovery, src: 'fe80::1', dst: 'fe80::66' })
      assert.equal(stage.programs.egress(out, 0), tcPass)
    })
    test('UDP with the bytes of a solicitation is dropped', () => {
      block('fe80::66')
      const { src, dst, ttl } = discovery
      assert.equal(
        stage.programs.ingress(udpPacket({ src, dst, ttl, srcPort: 135 << 8, dstPort: 1 }), 0),
        xdpDrop,
      )
    })
    test('ARP passes while everything is blocked', () => {
      block('0.0.0.0/0')
      const request = ethernet({ payload: arp({ senderIp: '10.9.8.7', targetIp: us4 }) })
      assert.equal(stage.programs.ingress(request, 0), xdpPass)
      assert.equal(stage.programs.egress(request, 0), tcPass)
    })
  })

  describe('what an entry and the totals count', () => {
    for (const text of ['10.9.8.7', '10.9.8.0/24', '2001:db8::7', '2001:db8::/64']) {
      test(`${text} counts packets, frame bytes and the last hit`, () => {
        const address = text.replace(/\/.*/, '')
        const sent = from(address)
        block(text)
        assert.deepEqual(stage.list.get(target(text)), { ...drop, packets: 0, bytes: 0, lastSeenBootUs: 0 })
        const { bootUs } = stage.programs.binding.clocks()
        for (let i = 0; i < 5; i++) stage.programs.ingress(sent, 0)
        const hits = stage.list.get(target(text))
        assert.equal(hits?.packets, 5)
        assert.equal(hits.bytes, 5 * sent.length)
        assert.ok(Math.abs(hits.lastSeenBootUs - bootUs) < 50_000, `${hits.lastSeenBootUs} is not ${bootUs}`)
      })
    }

    test('an entry that changes keeps its counts', () => {
      for (const text of ['10.9.8.7', '10.9.8.0/24']) {
        block(text)
        mustDrop('10.9.8.7')
        block(text, { ...count, decision: 9, reason: BlockReason.scan })
        const { packets, decision, action, reason } = stage.list.get(target(text))!
        assert.deepEqual([packets, decision, action, reason], [2, 9, BlockAction.count, BlockReason.scan])
        unblock(text)
      }
    })

    test('an address that is blocked again begins at 0', () => {
      block('10.9.8.7')
      mustDrop('10.9.8.7')
      unblock('10.9.8.7')
      block('10.9.8.7')
      assert.equal(stage.list.get(target('10.9.8.7'))?.packets, 0)
    })

    test('a prefix inside a blocked one does not begin with its counts', () => {
      block('10.0.0.0/8')
      mustDrop('10.9.8.7')
      block('10.9.8.0/24', { ...drop, decision: 2 })
      assert.deepEqual(stage.list.get(target('10.9.8.0/24')), {
        ...drop,
        decision: 2,
        packets: 0,
        bytes: 0,
        lastSeenBootUs: 0,
      })
      assert.equal(stage.list.get(target('10.9.0.0/16')), undefined)
    })

    test('drops are counted by origin and reason, and by direction', () => {
      block('10.9.8.1', { ...drop, origin: BlockOrigin.detector, reason: BlockReason.scan })
      block('10.9.9.0/24', { ...drop, origin: BlockOrigin.model, reason: BlockReason.mixed })
      const before = stage.programs.counters()
      stage.programs.ingress(from('10.9.8.1'), 0)
      stage.programs.ingress(from('10.9.8.1'), 0)
      stage.programs.egress(to('10.9.9.7'), 0)
      const after = stage.programs.counters()
      const moved = after.dropped.map((n, i) => n - before.dropped[i]!)
      const expected = new Array<number>(64).fill(0)
      expected[BlockOrigin.detector * 8 + BlockReason.scan] = 2
      expected[BlockOrigin.model * 8 + BlockReason.mixed] = 1
      assert.deepEqual(moved, expected)
      assert.deepEqual(
        after.packets.map((n, i) => n - before.packets[i]!),
        [0, 2, 0, 1],
      )
    })
  })
})
